import type { FeatureCollection, Position } from "geojson";
import type { Area } from "../../../shared/api";

export type Box = [west: number, south: number, east: number, north: number];

function positions(value: unknown, visit: (position: Position) => void): void {
  if (!Array.isArray(value)) return;
  if (typeof value[0] === "number") visit(value as Position);
  else for (const one of value) positions(one, visit);
}

/** What holds all shapes, or nothing where there are none. */
export function boundsOf(shapes: FeatureCollection): Box | undefined {
  const box: Box = [
    Number.POSITIVE_INFINITY,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
  ];
  for (const feature of shapes.features) {
    if (!feature.geometry || feature.geometry.type === "GeometryCollection") continue;
    positions(feature.geometry.coordinates, ([east = 0, north = 0]) => {
      box[0] = Math.min(box[0], east);
      box[1] = Math.min(box[1], north);
      box[2] = Math.max(box[2], east);
      box[3] = Math.max(box[3], north);
    });
  }
  return Number.isFinite(box[0]) ? box : undefined;
}

/** How deep an area lies: 0 at the top. */
export function depthOf(areas: ReadonlyMap<string, Area>, id: string): number {
  let depth = 0;
  for (let area = areas.get(id); area?.parent && areas.has(area.parent) && depth < 32; area = areas.get(area.parent))
    ++depth;
  return depth;
}

/** The shapes that a map at rest shows around the chosen area: the children of the chosen one, else its siblings; all of
 * the top's children where nothing is chosen. A district's grids all at once are a grey smear. */
export function shapesAround(
  shapes: FeatureCollection,
  areas: ReadonlyMap<string, Area>,
  chosen: string | undefined,
): FeatureCollection {
  const byParent = new Map<string, FeatureCollection["features"]>();
  for (const feature of shapes.features) {
    const id = String(feature.properties?.id ?? "");
    const parent = areas.get(id)?.parent ?? String(feature.properties?.parent ?? "");
    byParent.set(parent, [...(byParent.get(parent) ?? []), feature]);
  }
  const own = shapes.features.filter((feature) => feature.properties?.id === chosen);
  const parent = areas.get(chosen ?? "")?.parent;
  const features = byParent.get(chosen ?? "") ?? byParent.get(parent ?? "") ?? shapes.features;
  return {
    type: "FeatureCollection",
    features: features.some((one) => own.includes(one)) ? features : [...own, ...features],
  };
}
