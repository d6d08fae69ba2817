import { api, ask } from "../../shared/api";
import { formatNumber } from "../../shared/format";
import { Asked, type Detail, useAsking, useGround } from "./state";
import { fill } from "./words";

type Point = [number, number];
type Geometry =
  | { type: "Point"; coordinates: Point }
  | { type: "Polygon"; coordinates: Point[][] }
  | { type: "MultiPolygon"; coordinates: Point[][][] };
type Feature = { geometry: Geometry | null; properties: Record<string, string | number | null> };
type Shape = { name: string; rings: Point[][]; sum: number };

const width = 800;
const height = 520;
const mostPoints = 5000;

/** Features of one place as one shape, with the sum of what is counted. */
export function shapesOf(
  features: Feature[],
  area: string,
  count: string | undefined,
): { shapes: Shape[]; points: Point[] } {
  const shapes: Record<string, Shape> = {};
  const points: Point[] = [];
  for (const { geometry, properties } of features) {
    if (!geometry) continue;
    if (geometry.type === "Point") {
      if (points.length < mostPoints) points.push(geometry.coordinates);
      continue;
    }
    const name = String(properties[area] ?? "");
    const rings = geometry.type === "Polygon" ? geometry.coordinates : geometry.coordinates.flat();
    const shape = shapes[name] ?? { name, rings, sum: 0 };
    shapes[name] = shape;
    shape.sum += count ? Number(properties[count] ?? 0) : 1;
  }
  return { shapes: Object.values(shapes), points };
}

/** From longitude and latitude to the picture, as wide as it is true in the middle. */
function projection(all: Point[]): (point: Point) => Point {
  const xs = all.map(([x]) => x);
  const ys = all.map(([, y]) => y);
  const [west, east, south, north] = [xs, ys].flatMap((list) => [
    list.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY),
    list.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY),
  ]) as [number, number, number, number];
  const squeeze = Math.cos((((south + north) / 2) * Math.PI) / 180);
  const scale =
    Math.min(width / Math.max((east - west) * squeeze, 1e-6), height / Math.max(north - south, 1e-6)) * 0.94;
  return ([x, y]) => [
    width / 2 + (x - (west + east) / 2) * squeeze * scale,
    height / 2 - (y - (south + north) / 2) * scale,
  ];
}

function path(rings: Point[][], project: (point: Point) => Point): string {
  return rings
    .map(
      (ring) =>
        `M${ring
          .map((point) =>
            project(point)
              .map((n) => n.toFixed(1))
              .join(" "),
          )
          .join("L")}Z`,
    )
    .join("");
}

function Drawing(props: { one: Detail; shapes: Shape[]; points: Point[] }) {
  const { say, language } = useGround();
  const { shapes, points } = props;
  const project = projection([...points, ...shapes.flatMap((shape) => shape.rings.flat())]);
  const most = Math.max(1, ...shapes.map((shape) => shape.sum));
  return (
    <svg
      class="map"
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={fill(say.map_label, { title: props.one.title[language] })}
    >
      {shapes.map((shape) => (
        <path key={shape.name} d={path(shape.rings, project)} fill-opacity={0.15 + (0.7 * shape.sum) / most}>
          <title>{`${shape.name}: ${formatNumber(shape.sum, language)}`}</title>
        </path>
      ))}
      {points.map((point, at) => {
        const [x, y] = project(point);
        // biome-ignore lint/suspicious/noArrayIndexKey: points have no other name, and none moves.
        return <circle key={at} cx={x.toFixed(1)} cy={y.toFixed(1)} r="3" />;
      })}
    </svg>
  );
}

export function MapView(props: { one: Detail }) {
  const { say, language } = useGround();
  const { one } = props;
  const file = useAsking(
    () =>
      ask(
        api.GET("/api/v1/open/datasets/{publication}/files/{format}", {
          params: { path: { publication: one.id, format: "geojson" } },
          parseAs: "json",
        }),
      ),
    one.id,
  );
  const area = one.columns.find((column) => column.means.startsWith("area:"));
  const count = one.columns.find((column) => column.means === "count");
  return (
    <Asked of={file}>
      {(data) => {
        const { shapes, points } = shapesOf((data as { features: Feature[] }).features, area?.id ?? "", count?.id);
        if (shapes.length + points.length === 0) return <p>{say.map_none}</p>;
        return (
          <>
            <Drawing one={one} shapes={shapes} points={points} />
            {points.length > 0 && <p>{fill(say.points, { count: formatNumber(points.length, language) })}</p>}
            {shapes.length > 0 && (
              <table class="bars">
                <thead>
                  <tr>
                    <th scope="col">{area?.[language] ?? say.place}</th>
                    <th scope="col">{count?.[language] ?? say.rows}</th>
                  </tr>
                </thead>
                <tbody>
                  {shapes.map((shape) => (
                    <tr key={shape.name}>
                      <th scope="row">{shape.name || say.empty_value}</th>
                      <td>{formatNumber(shape.sum, language)}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            )}
          </>
        );
      }}
    </Asked>
  );
}
