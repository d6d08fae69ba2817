// The reference of the interface as pages that need no script and no sign-in, made from the contract alone:
// node tools/reference.mjs ../schemas/openapi.yaml OUT
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import yaml from "js-yaml";
import { checked, exampleOf, refName, resolve } from "./reference_example.mjs";
import { words } from "./reference_words.mjs";

const methods = ["get", "post", "put", "patch", "delete"];

const escaped = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const safe = (text) => String(text ?? "").replace(/[&<>"]/g, (sign) => escaped[sign]);
/** Plain text with `code` in it. */
const prose = (text) => safe(text).replace(/`([^`]+)`/g, "<code>$1</code>");
const code = (text) => `<code>${safe(text)}</code>`;
const block = (text) => `<pre tabindex="0"><code>${safe(text)}</code></pre>`;

function table(label, heads, rows) {
  if (rows.length === 0) return "";
  const head = heads.map((one) => `<th scope="col">${safe(one)}</th>`).join("");
  const body = rows.map(([first, ...others]) => {
    return `<tr><th scope="row">${first}</th>${others.map((cell) => `<td>${cell}</td>`).join("")}</tr>`;
  });
  return `<div class="scroll" role="region" aria-label="${safe(label)}" tabindex="0"><table>
<thead><tr>${head}</tr></thead>
<tbody>
${body.join("\n")}
</tbody></table></div>`;
}

/** "string, 1…100", "Entity[]", "active | locked": what a value has to be. */
function typeOf(schema) {
  if (schema?.$ref) return `<a href="#schema-${refName(schema.$ref)}">${refName(schema.$ref)}</a>`;
  if (!schema) return "";
  if (schema.enum) return schema.enum.map((one) => code(one)).join(" | ");
  if (schema.type === "array") return `${typeOf(schema.items)}[]`;
  if (schema.type === "object" && typeof schema.additionalProperties === "object")
    return `{ …: ${typeOf(schema.additionalProperties)} }`;
  return safe(schema.type) + (schema.format ? ` (${safe(schema.format)})` : "");
}

function limitsOf(schema) {
  const range = (low, high) => (low === undefined && high === undefined ? "" : `${low ?? ""}…${high ?? ""}`);
  const { minLength, maxLength, minimum, maximum, pattern, default: usual } = schema ?? {};
  return [
    range(minLength, maxLength),
    range(minimum, maximum),
    pattern && code(pattern),
    usual !== undefined && `= ${code(usual)}`,
  ].filter(Boolean);
}

class Reference {
  constructor(contract, language) {
    this.contract = contract;
    this.language = language;
    this.words = words[language];
  }

  note(holder, schema) {
    const seen = resolve(this.contract, schema);
    return [prose(holder?.description ?? seen?.description ?? ""), ...limitsOf(seen)].filter(Boolean).join(" · ");
  }

  named(name, required) {
    return code(name) + (required ? ` <span class="must">${this.words.required}</span>` : "");
  }

  /** A row for each property, those of inner objects below it; what is a schema by itself is linked. */
  properties(schema, prefix = "") {
    const seen = resolve(this.contract, schema);
    return Object.entries(seen?.properties ?? {}).flatMap(([name, property]) => {
      const inner = property.type === "array" ? property.items : property;
      const path = prefix + name + (property.type === "array" ? "[]" : "");
      const row = [this.named(path, seen.required?.includes(name)), typeOf(property), this.note(property, property)];
      return inner?.$ref || !inner?.properties ? [row] : [row, ...this.properties(inner, `${path}.`)];
    });
  }

  fields(label, schema) {
    const w = this.words;
    return table(label, [w.name, w.type, w.note], this.properties(schema));
  }

  who(operation) {
    const security = operation.security ?? this.contract.security;
    if (security.length === 0) return this.words.open;
    return security.map((one) => this.words.schemes[Object.keys(one)[0]]).join(this.words.or);
  }

  parameters(operation) {
    return operation.parameters.map((one) => [
      this.named(one.name, one.required),
      safe(this.words.places[one.in]),
      typeOf(one.schema),
      this.note(one, one.schema),
    ]);
  }

  /** Of a parameter or a body, which may have an example of its own beside its schema. */
  example(holder, name) {
    if (holder.example === undefined) return exampleOf(this.contract, holder.schema, name);
    return checked(this.contract, holder.schema, holder.example, name);
  }

  /** A call by a system's key, or by a session's cookie where keys may not. */
  call(operation, type, content) {
    const value = (one) => this.example(one, one.name);
    const path = operation.path.replace(/\{(\w+)\}/g, (_, name) =>
      encodeURIComponent(value(operation.parameters.find((one) => one.name === name))),
    );
    const query = operation.parameters
      .filter((one) => one.in === "query" && one.required)
      .map((one) => `${one.name}=${encodeURIComponent(value(one))}`);
    const lines = [`curl -X ${operation.method} "$ZHILI${path}${query.length ? `?${query.join("&")}` : ""}"`];
    const security = operation.security ?? this.contract.security;
    if (security.some((one) => one.key)) lines.push(`-H "Authorization: Bearer $KEY"`);
    else if (security.length > 0)
      lines.push(`-b cookies.txt${operation.method === "GET" ? "" : ' -H "X-CSRF-Token: $CSRF"'}`);
    if (operation.operationId === "signIn") lines.push("-c cookies.txt");
    for (const one of operation.parameters)
      if (one.in === "header" && one.required) lines.push(`-H "${one.name}: ${value(one)}"`);
    if (content) lines.push(`-H "Content-Type: ${type}"`);
    if (content && type !== "application/json") lines.push("--data-binary @file");
    else if (content) {
      lines.push(`-d '${JSON.stringify(this.example(content, operation.operationId))}'`);
    }
    return lines.join(" \\\n  ");
  }

  answer(operation, [status, response]) {
    const seen = resolve(this.contract, response);
    const [type, content] = Object.entries(seen.content ?? {})[0] ?? [];
    const title = `<h4>${status === "default" ? this.words.otherwise : safe(status)}</h4>`;
    const head = `${title}<p>${prose(seen.description)}${type ? ` · ${code(type)} ${typeOf(content.schema)}` : ""}</p>`;
    if (status === "default" || !content?.schema || content.schema.$ref?.endsWith("/Problem")) return head;
    const label = `${operation.operationId} ${status}`;
    const example = exampleOf(this.contract, content.schema);
    const shown = typeof example === "object" ? block(JSON.stringify(example, null, 2)) : "";
    return head + this.fields(label, content.schema) + shown;
  }

  operation(operation) {
    const w = this.words;
    const zh = operation["x-summary-zh"];
    const summary = this.language === "zh" && zh ? zh : operation.summary;
    const [type, content] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
    const schema = content?.schema;
    const id = operation.operationId;
    return `<section class="operation" id="${id}">
<h3><span class="method ${operation.method.toLowerCase()}">${operation.method}</span> ${code(operation.path)}</h3>
<p><strong>${safe(summary)}</strong>${this.language === "zh" ? ` · <span lang="en">${safe(operation.summary)}</span>` : ""}</p>
${operation.description ? `<p lang="en">${prose(operation.description)}</p>` : ""}
<p>${w.who}: ${this.who(operation)} · ${w.id}: ${code(id)}</p>
${table(`${id} ${w.parameters}`, [`${w.parameters}`, w.place, w.type, w.note], this.parameters(operation))}
${schema ? `<h4>${w.body}</h4><p>${code(type)} ${typeOf(schema)}</p>${this.fields(`${id} ${w.body}`, schema)}` : ""}
<h4>${w.example}</h4>
${block(this.call(operation, type, content))}
${Object.entries(operation.responses)
  .map((entry) => this.answer(operation, entry))
  .join("\n")}
</section>`;
  }

  /** Operations with all their parameters, those of the path first. */
  operations() {
    return Object.entries(this.contract.paths).flatMap(([path, item]) =>
      methods
        .filter((method) => item[method])
        .map((method) => ({
          ...item[method],
          path,
          method: method.toUpperCase(),
          parameters: [...(item.parameters ?? []), ...(item[method].parameters ?? [])].map((one) =>
            resolve(this.contract, one),
          ),
        })),
    );
  }

  page() {
    const w = this.words;
    const all = this.operations();
    const tags = this.contract.tags.map(({ name, description }) => {
      const [zh, en] = description.split(" · ");
      const of = all.filter((one) => one.tags[0] === name);
      return { name, title: this.language === "zh" ? zh : en, of };
    });
    const schemas = Object.entries(this.contract.components.schemas);
    const menu = tags.map(
      ({ name, title, of }) =>
        `<li><a href="#tag-${name}">${safe(title)}</a><ul>${of
          .map((one) => `<li><a href="#${one.operationId}">${safe(this.summary(one))}</a></li>`)
          .join("")}</ul></li>`,
    );
    return `<!doctype html>
<html lang="${w.lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${w.title}</title>
<link rel="icon" href="/mark.svg">
<link rel="stylesheet" href="/reference/reference.css">
</head>
<body>
<header><h1>${w.title}</h1><p><a href="/">${w.workbench}</a> <a href="/api/v1/openapi.json">OpenAPI 3.1</a>
<a href="${w.other.href}" lang="${w.other.lang}">${w.other.name}</a></p></header>
<nav aria-label="${w.contents}"><ul><li><a href="#begin">${w.begin}</a></li>${menu.join("")}<li><a href="#schemas">${w.schemas}</a></li></ul></nav>
<main>
<section id="begin"><h2>${w.begin}</h2>
${w.introduction.map((one) => `<p>${prose(one)}</p>`).join("\n")}
${block(w.firstCall)}
${w.session.map((one) => `<p>${prose(one)}</p>`).join("\n")}
${block(w.sessionCall)}
<h3>${w.problems}</h3>
${w.aboutProblems.map((one) => `<p>${prose(one)}</p>`).join("\n")}
${block(JSON.stringify(exampleOf(this.contract, { $ref: "#/components/schemas/Problem" }), null, 2))}
</section>
${tags
  .map(
    ({ name, title, of }) =>
      `<section id="tag-${name}"><h2>${safe(title)}</h2>\n${of.map((one) => this.operation(one)).join("\n")}</section>`,
  )
  .join("\n")}
<section id="schemas"><h2>${w.schemas}</h2>
${schemas
  .map(
    ([name, schema]) =>
      `<section id="schema-${name}"><h3>${safe(name)}</h3><p>${[typeOf(schema), this.note(schema, schema)].filter(Boolean).join(" · ")}</p>${this.fields(name, schema)}</section>`,
  )
  .join("\n")}
</section>
</main>
</body>
</html>
`;
  }

  summary(operation) {
    return (this.language === "zh" && operation["x-summary-zh"]) || operation.summary;
  }
}

export const read = (text) => yaml.load(text);
export const render = (contract, language) => new Reference(contract, language).page();

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [source, out] = process.argv.slice(2);
  const contract = read(await readFile(source, "utf8"));
  await mkdir(out, { recursive: true });
  await writeFile(join(out, "index.html"), render(contract, "zh"));
  await writeFile(join(out, "en.html"), render(contract, "en"));
  await copyFile(join(dirname(fileURLToPath(import.meta.url)), "reference.css"), join(out, "reference.css"));
}
