import type { FeatureCollection } from "geojson";
import { expect, test } from "vitest";
import type { Area } from "../../../shared/api";
import { boundsOf, shapesAround } from "./shapes";

function area(id: string, parent?: string): Area {
  return { id, parent, zh: id, en: id, level: "" };
}

function shapesOf(...ids: string[]): FeatureCollection {
  return {
    type: "FeatureCollection",
    features: ids.map((id, at) => ({
      type: "Feature",
      properties: { id },
      geometry: {
        type: "Polygon",
        coordinates: [
          [
            [at, 0],
            [at + 1, 0],
            [at + 1, 2],
            [at, 0],
          ],
        ],
      },
    })),
  };
}

const areas = new Map(
  [area("d"), area("s1", "d"), area("s2", "d"), area("c", "s1"), area("g1", "c"), area("g2", "c")].map((one) => [
    one.id,
    one,
  ]),
);
const all = shapesOf("d", "s1", "s2", "c", "g1", "g2");
const shown = (chosen?: string) => shapesAround(all, areas, chosen).features.map((feature) => feature.properties?.id);

test("an area shows what is in it, a leaf its neighbours, a single area what is in that", () => {
  expect(shown("d")).toEqual(["s1", "s2"]);
  expect(shown("s1")).toEqual(["g1", "g2"]);
  expect(shown("g2")).toEqual(["g1", "g2"]);
  expect(shown("s2")).toEqual(["s1", "s2"]);
  expect(shown()).toEqual(["s1", "s2"]);
  expect(shown("elsewhere")).toEqual(["s1", "s2"]);
});

test("no shapes have no bounds", () => {
  expect(boundsOf(shapesOf())).toBeUndefined();
  expect(boundsOf(all)).toEqual([0, 0, 6, 2]);
});
