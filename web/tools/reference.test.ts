import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
// @ts-expect-error: a tool of the build, without types.
import { read, render } from "./reference.mjs";

const contract = read(readFileSync(new URL("../../schemas/openapi.yaml", import.meta.url), "utf8"));
const pages = { zh: render(contract, "zh"), en: render(contract, "en") };
const methods = ["get", "post", "put", "patch", "delete"];
type Operation = {
  operationId: string;
  security?: unknown[];
  parameters?: { name?: string }[];
  requestBody?: { content: { "application/json": { schema: { properties?: object }; example?: unknown } } };
  responses: object;
};
const operations = Object.entries<Record<string, Operation>>(contract.paths).flatMap(([path, item]) =>
  methods.flatMap((method) => {
    const operation = item[method];
    return operation ? [{ path, method, operation }] : [];
  }),
);

/** What stands on the page about one operation. */
function section(page: string, id: string): string {
  const from = page.indexOf(`id="${id}"`);
  expect(from, id).toBeGreaterThan(0);
  return page.slice(from, page.indexOf("</section>", from));
}

test.each(["zh", "en"] as const)(
  "every operation is there with parameters, body, answers and a call: %s",
  (language) => {
    expect(operations.length).toBeGreaterThan(30);
    for (const { path, method, operation } of operations) {
      const text = section(pages[language], operation.operationId);
      expect(text).toContain(`${method.toUpperCase()}</span> <code>${path}</code>`);
      for (const one of operation.parameters ?? []) if (one.name) expect(text).toContain(`<code>${one.name}</code>`);
      for (const [type, body] of Object.entries<{ schema: { properties?: Record<string, { type?: string }> } }>(
        operation.requestBody?.content ?? {},
      )) {
        expect(text).toContain(`<code>${type}</code>`);
        for (const [name, one] of Object.entries(body.schema.properties ?? {}))
          expect(text).toContain(`<code>${name}${one.type === "array" ? "[]" : ""}</code>`);
      }
      for (const status of Object.keys(operation.responses)) {
        if (status !== "default") expect(text).toContain(`<h4>${status}</h4>`);
      }
      expect(text).toContain(`curl -X ${method.toUpperCase()}`);
      if (operation.security?.length === 0) expect(text).not.toContain("Bearer");
    }
  },
);

test("each link leads to something on the page", () => {
  for (const page of Object.values(pages)) {
    const targets = [...page.matchAll(/href="#([^"]+)"/g)].map((match) => match[1]);
    expect(targets.length).toBeGreaterThan(50);
    for (const target of targets) expect(page, target).toContain(`id="${target}"`);
  }
});

test("a page runs no script, styles nothing in line, and asks no other host", () => {
  for (const page of Object.values(pages)) {
    expect(page).not.toMatch(/<script|style=| on\w+=/);
    expect([...page.matchAll(/(?:src|href)="([^"]+)"/g)].filter((match) => !/^[/#]/.test(match[1] ?? ""))).toEqual([]);
  }
});

test.each([
  ["lookUp", { kind: "person" }, "lookUp.by is missing"],
  ["setAccountState", { state: "gone" }, "setAccountState.state is none of"],
  ["signIn", { login: "lin", password: "x", more: 1 }, "signIn.more is not in the schema"],
])("an example that breaks the contract stops the build: %s", (id, example, says) => {
  const broken = structuredClone(contract);
  const found = Object.values<Record<string, Operation>>(broken.paths)
    .flatMap((item) => Object.values(item))
    .find((one) => one.operationId === id);
  const body = found?.requestBody?.content["application/json"];
  if (body) body.example = example;
  expect(() => render(broken, "zh")).toThrow(says);
});
