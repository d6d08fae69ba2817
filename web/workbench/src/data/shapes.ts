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

/** The shapes that a map shows for the chosen area: those of the areas in it, and where that is only one, of those in
 * that; beside a leaf, its neighbours. A district's grids all at once are a grey smear. */
export function shapesAround(
  shapes: FeatureCollection,
  areas: ReadonlyMap<string, Area>,
  chosen: string | undefined,
): FeatureCollection {
  const byParent = new Map<string, FeatureCollection["features"]>();
  for (const feature of shapes.features) {
    const parent = areas.get(String(feature.properties?.id))?.parent ?? "";
    byParent.set(parent, [...(byParent.get(parent) ?? []), feature]);
  }
  let features = byParent.get(chosen ?? "") ?? byParent.get(areas.get(chosen ?? "")?.parent ?? "") ?? shapes.features;
  for (let depth = 0; features.length === 1 && depth < 32; ++depth) {
    const within = byParent.get(String(features[0]?.properties?.id));
    if (!within) break;
    features = within;
  }
  return { type: "FeatureCollection", features };
}
