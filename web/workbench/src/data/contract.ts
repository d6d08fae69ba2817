import type { Language } from "../../../shared/format";

type Json = { [key: string]: unknown };

export type ShownParameter = { name: string; place: string; type: string; required: boolean; note: string };
export type ShownProperty = { name: string; type: string; required: boolean; note: string };
export type ShownAnswer = { status: string; note: string; type: string };
export type ShownOperation = {
  id: string;
  method: string;
  path: string;
  summary: string;
  description: string;
  open: boolean;
  parameters: ShownParameter[];
  body: ShownProperty[];
  answers: ShownAnswer[];
};
export type ShownTag = { id: string; name: string; operations: ShownOperation[] };

const methods = ["get", "post", "put", "patch", "delete"];
const deepest = 8;

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** Reads an OpenAPI 3.1 document into what the page shows. What it does not know it leaves out. */
export class Contract {
  readonly #document: Json;
  readonly #language: Language;

  constructor(document: unknown, language: Language) {
    this.#document = isObject(document) ? document : {};
    this.#language = language;
  }

  /** The thing itself where `value` only points to it. */
  #resolve(value: unknown, depth = 0): Json {
    if (!isObject(value)) return {};
    const pointer = value.$ref;
    if (typeof pointer !== "string" || !pointer.startsWith("#/") || depth > deepest) return value;
    let at: unknown = this.#document;
    for (const part of pointer.slice(2).split("/")) at = isObject(at) ? at[part] : undefined;
    return this.#resolve(at, depth + 1);
  }

  /** A schema in a few signs: "string", "Entity[]", "active | locked". */
  #type(schema: unknown, depth = 0): string {
    if (!isObject(schema) || depth > deepest) return "";
    const pointer = schema.$ref;
    if (typeof pointer === "string") return pointer.split("/").pop() ?? "";
    if (Array.isArray(schema.enum)) return schema.enum.join(" | ");
    if (schema.type === "array") return `${this.#type(schema.items, depth + 1)}[]`;
    return text(schema.type) + (schema.format ? ` (${text(schema.format)})` : "");
  }

  #limits(schema: unknown): string {
    const { minLength, maxLength, minimum, maximum, pattern, default: usual } = this.#resolve(schema);
    const range = (low: unknown, high: unknown) => (low ?? high) !== undefined && `${low ?? ""}…${high ?? ""}`;
    return [range(minLength, maxLength), range(minimum, maximum), pattern, usual !== undefined && `= ${usual}`]
      .filter(Boolean)
      .join(", ");
  }

  #note(holder: Json, schema: unknown): string {
    const note = text(holder.description) || text(this.#resolve(schema).description);
    return [note, this.#limits(schema)].filter(Boolean).join(" · ");
  }

  #parameter(value: unknown): ShownParameter {
    const parameter = this.#resolve(value);
    return {
      name: text(parameter.name),
      place: text(parameter.in),
      type: this.#type(parameter.schema),
      required: parameter.required === true,
      note: this.#note(parameter, parameter.schema),
    };
  }

  #properties(schema: unknown): ShownProperty[] {
    const resolved = this.#resolve(schema);
    const required = Array.isArray(resolved.required) ? resolved.required : [];
    return Object.entries(isObject(resolved.properties) ? resolved.properties : {}).map(([name, property]) => ({
      name,
      type: this.#type(property),
      required: required.includes(name),
      note: this.#note(isObject(property) ? property : {}, property),
    }));
  }

  #content(holder: Json): unknown {
    const content = isObject(holder.content) ? Object.values(holder.content)[0] : undefined;
    return isObject(content) ? content.schema : undefined;
  }

  #answers(responses: unknown): ShownAnswer[] {
    return Object.entries(isObject(responses) ? responses : {}).map(([status, value]) => {
      const response = this.#resolve(value);
      const schema = this.#content(response);
      const properties = this.#properties(schema).map((property) => property.name);
      const type = this.#type(schema);
      return {
        status,
        note: text(response.description),
        type: type === "object" && properties.length > 0 ? `{ ${properties.join(", ")} }` : type,
      };
    });
  }

  #operation(path: string, method: string, shared: unknown, operation: Json): ShownOperation {
    const parameters = [shared, operation.parameters].flatMap((list) => (Array.isArray(list) ? list : []));
    const zh = text(operation["x-summary-zh"]);
    return {
      id: text(operation.operationId) || `${method} ${path}`,
      method: method.toUpperCase(),
      path,
      summary: this.#language === "zh" && zh ? zh : text(operation.summary),
      description: text(operation.description),
      open: Array.isArray(operation.security) && operation.security.length === 0,
      parameters: parameters.map((parameter) => this.#parameter(parameter)),
      body: this.#properties(this.#content(this.#resolve(operation.requestBody))),
      answers: this.#answers(operation.responses),
    };
  }

  #operations(): { tag: string; operation: ShownOperation }[] {
    const paths = isObject(this.#document.paths) ? this.#document.paths : {};
    return Object.entries(paths).flatMap(([path, item]) => {
      if (!isObject(item)) return [];
      return methods.flatMap((method) => {
        const operation = item[method];
        if (!isObject(operation)) return [];
        const tag = Array.isArray(operation.tags) ? text(operation.tags[0]) : "";
        return [{ tag, operation: this.#operation(path, method, item.parameters, operation) }];
      });
    });
  }

  /** Operations under their tags, in the document's order; those that hold `search` only. */
  tags(search: string): ShownTag[] {
    const wanted = search.trim().toLowerCase();
    const fits = (one: ShownOperation) =>
      `${one.method} ${one.path} ${one.summary} ${one.id}`.toLowerCase().includes(wanted);
    const all = this.#operations().filter((one) => fits(one.operation));
    const tags = Array.isArray(this.#document.tags) ? this.#document.tags.filter(isObject) : [];
    const names = new Map(tags.map((tag) => [text(tag.name), this.#tagName(tag)]));
    for (const { tag } of all) if (!names.has(tag)) names.set(tag, tag);
    return [...names]
      .map(([id, name]) => ({
        id,
        name,
        operations: all.filter((one) => one.tag === id).map((one) => one.operation),
      }))
      .filter((tag) => tag.operations.length > 0);
  }

  /** Tags say both languages at once: "登录与会话 · signing in". */
  #tagName(tag: Json): string {
    const [zh, en] = text(tag.description).split(" · ");
    return (this.#language === "zh" ? zh : (en ?? zh)) || text(tag.name);
  }
}
