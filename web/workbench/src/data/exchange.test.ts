import { expect, test } from "vitest";
import { dayOf, endOfDay, listOf, ownDepartments } from "./exchange";

test("a day ends in the reader's zone", () => {
  expect(dayOf(new Date(endOfDay("2026-02-28")))).toBe("2026-02-28");
  expect(dayOf(new Date(2026, 0, 5))).toBe("2026-01-05");
});

test("values are parted by commas of both scripts", () => {
  expect(listOf("东街，西街, 南街、 ")).toEqual(["东街", "西街", "南街"]);
  expect(listOf(undefined)).toEqual([]);
});

test("a department stands once, however many posts it has", () => {
  const posts = [{ role: "a", department: "x" }, { role: "b" }, { role: "c", department: "x" }];
  expect(ownDepartments({ stage: "one_factor", csrf: "", ends: "", posts })).toEqual(["x"]);
});
