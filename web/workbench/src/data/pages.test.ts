import { expect, test } from "vitest";
import { allPages } from "./pages";

test("pages follow each other by their cursor until there is none", async () => {
  const asked: (string | undefined)[] = [];
  const pages: Record<string, { items: number[]; next?: string }> = {
    "": { items: [1, 2], next: "b" },
    b: { items: [], next: "c" },
    c: { items: [3] },
  };
  const items = await allPages(async (cursor) => {
    asked.push(cursor);
    return pages[cursor ?? ""] as { items: number[] };
  });
  expect(items).toEqual([1, 2, 3]);
  expect(asked).toEqual([undefined, "b", "c"]);
});

test("a cursor that leads to itself ends the list", async () => {
  expect(await allPages(async () => ({ items: [1], next: "a" }))).toEqual([1, 1]);
});

test("a list without an end is cut", async () => {
  let page = 0;
  expect(await allPages(async () => ({ items: [0], next: String(++page) }), 5)).toHaveLength(5);
});

test("what fails on one page fails the list", async () => {
  await expect(
    allPages(async (cursor) => {
      if (cursor) throw new Error("gone");
      return { items: [1], next: "b" };
    }),
  ).rejects.toThrow("gone");
});
