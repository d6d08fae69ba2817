import { expect, test } from "vitest";
import { shapesOf } from "./map";
import { sumsBy } from "./views";

const columns = [
  { id: "age", zh: "年龄", en: "Age", type: "text" as const, means: "" },
  { id: "count", zh: "数量", en: "Count", type: "integer" as const, means: "count" },
];

test("counts are summed by a column, bands in the order of their numbers", () => {
  const rows = [
    ["100+", 1],
    ["20-39", 5],
    ["0-19", 2],
    ["20-39", 3],
    [null, 4],
  ];
  expect(sumsBy(columns, rows, "age")).toEqual([
    ["", 4],
    ["0-19", 2],
    ["20-39", 8],
    ["100+", 1],
  ]);
});

test("without a count rows are counted", () => {
  expect(sumsBy(columns.slice(0, 1), [["a"], ["b"], ["a"]], "age")).toEqual([
    ["a", 2],
    ["b", 1],
  ]);
});

test("rows of one area are one shape, points stay points, what lies nowhere is left out", () => {
  const ring: [number, number][] = [
    [0, 0],
    [1, 0],
    [1, 1],
    [0, 0],
  ];
  const area = (name: string, count: number) => ({
    geometry: { type: "Polygon" as const, coordinates: [ring] },
    properties: { street: name, count },
  });
  const { shapes, points } = shapesOf(
    [
      area("东街", 3),
      area("西街", 1),
      area("东街", 4),
      { geometry: { type: "Point", coordinates: [1, 2] }, properties: {} },
      { geometry: null, properties: { street: "", count: 9 } },
    ],
    "street",
    "count",
  );
  expect(shapes.map(({ name, sum }) => [name, sum])).toEqual([
    ["东街", 7],
    ["西街", 1],
  ]);
  expect(points).toEqual([[1, 2]]);
});
