import { expect, test } from "vitest";
import { Intention } from "./idempotency";

test("a retry keeps its key, other content and a new intention get another", () => {
  const intention = new Intention();
  const first = intention.keyFor({ login: "a" });
  expect(intention.keyFor({ login: "a" })).toBe(first);
  const second = intention.keyFor({ login: "b" });
  expect(second).not.toBe(first);
  intention.done();
  expect(intention.keyFor({ login: "b" })).not.toBe(second);
  expect(first).toMatch(/^[A-Za-z0-9_.:-]{8,100}$/);
});
