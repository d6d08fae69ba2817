import { useQuery } from "@tanstack/react-query";
import { api, ask, type Schemas } from "../../../shared/api";
import { keyed } from "./writing";

export type Base = Schemas["Base"];
export type Doubt = Schemas["Doubt"];
export type DoubtfulPair = Schemas["DoubtfulPair"];
export type RecordName = Schemas["RecordName"];
export type Verdict = "same" | "different" | "undo";
export type Decision = { a: RecordName; b: RecordName; verdict: Verdict; reason: string };

export function useBasesQuery() {
  return useQuery({ queryKey: ["bases"], queryFn: () => ask(api.GET("/api/v1/bases")), staleTime: 0 });
}

/** Gives somebody's word on two records; what they are now. */
export function sendDecision(kind: string, decision: Decision, key: string) {
  return ask(
    api.POST("/api/v1/bases/{kind}/decisions", {
      params: { path: { kind }, header: keyed(key) },
      body: decision,
    }),
  );
}
