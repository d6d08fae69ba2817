import { expect, test } from "vitest";
import { formatProbability, formatTime, nameIn, nameOfBasis } from "./format";

test("a time that is none shows as it came", () => {
  expect(formatTime("2025-03", "zh")).not.toBe("");
  expect(formatTime("昨天", "zh")).toBe("昨天");
  expect(formatTime(undefined, "zh")).toBe("");
});

test("a time shows in the reader's zone, hours by 24", () => {
  const time = new Date(2026, 0, 2, 23, 4, 5);
  expect(formatTime(time.toISOString(), "zh")).toBe("2026/01/02 23:04:05");
  expect(formatTime(time.toISOString(), "en")).toBe("02/01/2026, 23:04:05");
});

test("near certainty never reads as certainty", () => {
  expect(formatProbability(1, "zh")).toBe("100%");
  expect(formatProbability(0, "zh")).toBe("0%");
  expect(formatProbability(0.99999999, "zh")).toBe("99.9999%");
  expect(formatProbability(0.987, "zh")).toBe("98.7%");
  expect(formatProbability(1e-9, "zh")).toBe("0.0001%");
});

test("a word without English shows its Chinese", () => {
  expect(nameIn({ zh: "人员", en: "person" }, "en")).toBe("person");
  expect(nameIn({ zh: "人员" }, "en")).toBe("人员");
  expect(nameIn(undefined, "zh")).toBe("");
});

test("a basis tells its articles", () => {
  expect(nameOfBasis({ zh: "个人信息保护法", articles: ["13", "34"] }, "zh")).toBe("个人信息保护法 第 13、34 条");
  expect(nameOfBasis({ zh: "个人信息保护法", en: "PIPL", articles: ["13"] }, "en")).toBe("PIPL, art. 13");
  expect(nameOfBasis({ zh: "条例", articles: [] }, "zh")).toBe("条例");
});
