// Examples of values, made from their schemas: by `example` where the contract gives one, else the plainest value that
// the schema lets through.
const deepest = 12;

export const refName = (pointer) => pointer.split("/").pop();

/** The thing itself where `value` only points to it. */
export function resolve(contract, value) {
  if (!value?.$ref) return value;
  const parts = value.$ref.slice(2).split("/");
  return resolve(
    contract,
    parts.reduce((at, part) => at[part], contract),
  );
}

function text(schema, name) {
  if (schema.format === "date-time") return "2026-01-31T08:00:00.000001Z";
  if (schema.format === "date") return "2026-01-31";
  if (schema.pattern) throw new Error(`'${name}' has a pattern and no example`);
  return name || "text";
}

export function exampleOf(contract, given, name = "", depth = 0) {
  const schema = resolve(contract, given);
  if (depth > deepest) throw new Error(`'${name}' lies too deep`);
  if (schema.example !== undefined) return checked(contract, schema, schema.example, name);
  if (schema.default !== undefined) return schema.default;
  if (schema.enum) return schema.enum[0];
  switch (schema.type) {
    case "object": {
      const more = schema.additionalProperties;
      if (typeof more === "object" && !schema.properties) return { name: exampleOf(contract, more, name, depth + 1) };
      return Object.fromEntries(
        Object.entries(schema.properties ?? {}).map(([key, one]) => [key, exampleOf(contract, one, key, depth + 1)]),
      );
    }
    case "array":
      return [exampleOf(contract, schema.items, name, depth + 1)];
    case "integer":
    case "number":
      return schema.minimum ?? 0;
    case "boolean":
      return false;
    default:
      return text(schema, name);
  }
}

const kinds = {
  object: (value) => typeof value === "object" && value !== null && !Array.isArray(value),
  array: Array.isArray,
  integer: Number.isInteger,
  number: (value) => typeof value === "number",
  boolean: (value) => typeof value === "boolean",
  string: (value) => typeof value === "string",
};

/** What is wrong with the value, by the words of a schema that examples run into; empty where nothing is. */
function wrong(contract, given, value, name) {
  const schema = resolve(contract, given);
  if (schema.type && !kinds[schema.type](value)) return `${name} is no ${schema.type}`;
  if (schema.enum && !schema.enum.includes(value)) return `${name} is none of ${schema.enum}`;
  if (schema.pattern && !new RegExp(schema.pattern, "u").test(value)) return `${name} does not fit ${schema.pattern}`;
  if (value.length < schema.minLength || value.length > schema.maxLength) return `${name} has another length`;
  if (value < schema.minimum || value > schema.maximum) return `${name} is out of its range`;
  const missing = (schema.required ?? []).find((key) => value[key] === undefined);
  if (missing) return `${name}.${missing} is missing`;
  const inner =
    schema.type === "array"
      ? value.map((one, at) => [schema.items, one, `${name}[${at}]`])
      : Object.entries(schema.properties ? value : {}).map(([key, one]) => [
          schema.properties[key],
          one,
          `${name}.${key}`,
        ]);
  for (const [one, part, path] of inner) {
    const found = one ? wrong(contract, one, part, path) : `${path} is not in the schema`;
    if (found) return found;
  }
  return "";
}

/** The example that the contract gives. One that its own schema refuses would mislead: then there is no page. */
export function checked(contract, schema, value, name) {
  const found = wrong(contract, schema, value, name);
  if (found) throw new Error(`the example ${found}`);
  return value;
}
