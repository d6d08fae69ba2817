import { describe, expect, test } from "vitest";
import { catalogQuery, datasetPath, withoutEmpty } from "./catalog";

describe("catalogue", () => {
  test("the address says what is asked for, and nonsense in it says nothing", () => {
    expect(catalogQuery(new URLSearchParams("q=电话&provider=police&sharing=conditional"))).toEqual({
      q: "电话",
      provider: "police",
      sharing: "conditional",
      element: undefined,
    });
    expect(catalogQuery(new URLSearchParams("sharing=sometimes&q="))).toEqual({
      q: undefined,
      provider: undefined,
      sharing: undefined,
      element: undefined,
    });
  });

  test("an id stays one part of the path", () => {
    expect(datasetPath("police.residents")).toBe("/catalog/police.residents");
    expect(datasetPath("a/b")).toBe("/catalog/a%2Fb");
  });

  test("what is empty is left out, what is false or zero stays", () => {
    expect(withoutEmpty({ a: "", b: undefined, c: [], d: 0, e: false, f: "x" })).toEqual({ d: 0, e: false, f: "x" });
  });
});
