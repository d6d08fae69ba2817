import type { components } from "../generated/api";
import type { Language } from "./format";

export type Problem = components["schemas"]["Problem"];

/** Why an answer is missing. `network`: nobody was reached; `timeout`: nobody answered in time; `problem`: the server
 * said no and why; `answer`: what came back is not of this server (a proxy's page, say). */
export type TroubleKind = "network" | "timeout" | "problem" | "answer";

export class Trouble extends Error {
  readonly kind: TroubleKind;
  readonly status: number;
  readonly problem: Problem | undefined;
  /** Seconds after which the server allows another try. */
  readonly retryAfter: number | undefined;

  constructor(kind: TroubleKind, status = 0, problem?: Problem, retryAfter?: number) {
    super(problem?.title ?? kind);
    this.name = "Trouble";
    this.kind = kind;
    this.status = status;
    this.problem = problem;
    this.retryAfter = retryAfter;
  }

  /** The session is over or was never there. */
  get signedOut(): boolean {
    return this.status === 401;
  }

  /** The same request may succeed in a moment, and sending it again does no harm. */
  get passing(): boolean {
    return this.kind === "network" || this.kind === "timeout" || [429, 502, 503, 504].includes(this.status);
  }

  /** The last part of the problem's type, or its code: what a machine can tell problems apart by. */
  get code(): string {
    return this.problem?.code ?? this.problem?.type.split("/").pop() ?? "";
  }
}

/** What a problem says, in the language that its reader has now. It came in both, so that nothing is asked again because
 * somebody changes the language: to ask for personal data is an entry of the log, also where it is refused. */
export function problemIn(problem: Problem, language: Language) {
  const { title, detail, hint } = problem[language] ?? problem;
  const errors = (problem.errors ?? []).map((one) => ({ ...one, message: one[language] ?? one.message }));
  return { title, detail, hint, errors };
}

function isProblem(value: unknown): value is Problem {
  return typeof value === "object" && value !== null && "title" in value && "status" in value;
}

export function troubleOf(response: Response, body: unknown): Trouble {
  const wait = Number(response.headers.get("Retry-After") ?? Number.NaN);
  const retryAfter = Number.isFinite(wait) ? wait : undefined;
  if (isProblem(body)) return new Trouble("problem", response.status, body, retryAfter);
  return new Trouble("answer", response.status, undefined, retryAfter);
}

export function asTrouble(error: unknown): Trouble {
  if (error instanceof Trouble) return error;
  if (error instanceof DOMException && (error.name === "TimeoutError" || error.name === "AbortError"))
    return new Trouble("timeout");
  if (error instanceof TypeError) return new Trouble("network");
  return new Trouble("answer");
}
