import createClient, { type Middleware } from "openapi-fetch";
import type { components, paths } from "../generated/api";
import { asTrouble, troubleOf } from "./trouble";

export type Schemas = components["schemas"];
export type Session = Schemas["Session"];
export type Words = Schemas["Words"];
export type Area = Schemas["Area"];
export type Entity = Schemas["Entity"];
export type Reasons = Schemas["Reasons"];
export type Disclosure = Schemas["Disclosure"];
export type Job = Schemas["Job"];
export type Account = Schemas["Account"];
export type ApiKey = Schemas["ApiKey"];
export type AuditEntry = Schemas["AuditEntry"];
export type Post = Schemas["Post"];

export const requestLimitMs = 20_000;

// The cookie is out of a script's reach. What proves that a write comes from this page lives in memory alone, and is
// gone with the page.
let csrf = "";
let language = "zh-CN";

export function setCsrf(token: string): void {
  csrf = token;
}

export function setApiLanguage(tag: string): void {
  language = tag;
}

const headers: Middleware = {
  onRequest({ request }) {
    request.headers.set("Accept-Language", language);
    if (csrf && !["GET", "HEAD"].includes(request.method)) request.headers.set("X-CSRF-Token", csrf);
    return request;
  },
};

async function fetchInTime(request: Request): Promise<Response> {
  const ending = new AbortController();
  const timer = setTimeout(() => ending.abort(new DOMException("", "TimeoutError")), requestLimitMs);
  const stop = () => ending.abort(request.signal.reason);
  request.signal.addEventListener("abort", stop, { once: true });
  try {
    const response = await fetch(request, { signal: ending.signal });
    // The body counts, too: a line that dies half-way must not leave a spinner for ever.
    const body = response.status === 204 || response.status === 304 ? null : await response.arrayBuffer();
    return new Response(body, response);
  } finally {
    clearTimeout(timer);
    request.signal.removeEventListener("abort", stop);
  }
}

export const api = createClient<paths>({
  baseUrl: globalThis.location?.origin ?? "http://127.0.0.1",
  credentials: "same-origin",
  cache: "no-store",
  fetch: fetchInTime,
});
api.use(headers);

type Answer<T> = { data?: T; error?: unknown; response: Response };

/** The answer's data with its response. Throws Trouble, and nothing else. */
export async function askWhole<T>(promise: Promise<Answer<T>>): Promise<{ data: T; response: Response }> {
  let answer: Answer<T>;
  try {
    answer = await promise;
  } catch (error) {
    throw asTrouble(error);
  }
  if (!answer.response.ok) throw troubleOf(answer.response, answer.error);
  return { data: answer.data as T, response: answer.response };
}

/** The answer's data. Throws Trouble, and nothing else. */
export async function ask<T>(promise: Promise<Answer<T>>): Promise<T> {
  return (await askWhole(promise)).data;
}
