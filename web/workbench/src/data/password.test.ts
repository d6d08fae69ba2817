import { expect, test } from "vitest";
import { makePassword } from "./password";

test("a made password has four groups of five signs, and no two are equal", () => {
  const made = new Set(Array.from({ length: 200 }, makePassword));
  expect(made.size).toBe(200);
  for (const password of made) expect(password).toMatch(/^[a-km-np-z2-9]{5}(-[a-km-np-z2-9]{5}){3}$/);
});
