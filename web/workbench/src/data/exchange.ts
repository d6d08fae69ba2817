import { useQuery } from "@tanstack/react-query";
import { api, ask, askWhole, type Schemas, type Session } from "../../../shared/api";
import { ownGrounds } from "../../../shared/ground";
import { may, useSession } from "./session";
import { useLabels } from "./words";

export type DataRequest = Schemas["DataRequest"];
export type DataWanted = Schemas["DataWanted"];
export type Conditions = Schemas["GrantConditions"];
export type RowCondition = Schemas["RowCondition"];
export type RequestState = Schemas["RequestState"];
export type GrantFile = Schemas["GrantFile"];
export type GrantCall = Schemas["GrantCall"];
export type Correction = Schemas["Correction"];
export type Question = Schemas["Question"];
export type Step = DataRequest["steps"][number];

export const requestStates = [
  "draft",
  "submitted",
  "approved",
  "refused",
  "withdrawn",
  "expired",
  "revoked",
] as const satisfies readonly RequestState[];

export const requestStateClass = {
  draft: "calm",
  submitted: "masked",
  approved: "good",
  refused: "refused",
  withdrawn: "refused",
  expired: "refused",
  revoked: "bad",
} as const satisfies Record<RequestState, string>;

export function requestPath(id: string): string {
  return `/requests/${encodeURIComponent(id)}`;
}

/** Departments of one's own posts. */
export function ownDepartments(session: Session): string[] {
  return [...new Set(session.posts?.flatMap((post) => post.department ?? []))];
}

/** Under which purpose one may read requests of others: who takes part in them needs none. */
export function useOversight(): string | undefined {
  const session = useSession();
  const labels = useLabels();
  if (may(session, "update", "grant")) return undefined;
  return labels.words.purposes.find((one) => one.id === "audit")?.id;
}

export type ReadRequest = DataRequest & { etag: string | undefined };

export function useRequestQuery(id: string) {
  const purpose = useOversight();
  return useQuery({
    queryKey: ["request", id, purpose],
    queryFn: async (): Promise<ReadRequest> => {
      const { data, response } = await askWhole(
        api.GET("/api/v1/exchange/requests/{request}", { params: { path: { request: id }, query: { purpose } } }),
      );
      return { ...data, etag: response.headers.get("ETag") ?? undefined };
    },
    staleTime: 0,
  });
}

/** The legal basis under which words about data are read to be corrected or answered: the first that carries it. */
export function useBasisToCorrect(): string | undefined {
  return useLabels().basesOf("correct_data")[0]?.id;
}

/** The legal basis under which people read what is about themselves. */
export function useOwnBasis(): string | undefined {
  return ownGrounds(useLabels().words)[0]?.basis;
}

export function useQuestionWords(id: string, basis: string | undefined, wanted: boolean) {
  return useQuery({
    queryKey: ["question", id, basis],
    queryFn: () =>
      ask(
        api.GET("/api/v1/exchange/questions/{question}/words", {
          params: { path: { question: id }, query: { basis: basis ?? "" } },
        }),
      ),
    enabled: wanted && basis !== undefined,
  });
}

/** The end of a day of the reader's, as the interface has times. */
export function endOfDay(day: string): string {
  return new Date(`${day}T23:59:59`).toISOString();
}

/** The reader's day of a time: "2026-01-31". */
export function dayOf(time: Date): string {
  const two = (value: number) => String(value).padStart(2, "0");
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
}

/** "a，b, c" as a list. */
export function listOf(text: string | undefined): string[] {
  return (text ?? "")
    .split(/[,，、]/)
    .map((one) => one.trim())
    .filter(Boolean);
}
