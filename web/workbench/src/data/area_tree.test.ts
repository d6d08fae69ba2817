import { expect, test } from "vitest";
import { treeOf } from "./area_tree";

const areas = [
  { id: "1", level: "city", zh: "市", en: "City" },
  { id: "11", parent: "1", level: "county", zh: "区", en: "County" },
  { id: "29", parent: "2", level: "county", zh: "飞地", en: "Exclave" },
];

test("children stand below their parents, and who has none at the top", () => {
  expect(treeOf(areas, "zh")).toEqual([
    { value: "1", title: "市", children: [{ value: "11", title: "区", children: [] }] },
    { value: "29", title: "飞地", children: [] },
  ]);
});
