import { useSyncExternalStore } from "react";
import { api, ask, type Entity } from "../../../shared/api";

export type Question = { kind: string; by: string; value: string; purpose: string; basis: string };
export type Found = { question: Question; items: Entity[]; bounded: boolean; more: boolean };

// The last answer lives as long as the page: who opens a hit and comes back finds it again, without a second line in
// anybody's ledger. It is never written to the machine.
let last: Found | null = null;
const listeners = new Set<() => void>();

export function keepFound(found: Found | null): void {
  last = found;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useFound(): Found | null {
  return useSyncExternalStore(subscribe, () => last);
}

export async function lookUp(question: Question): Promise<Found> {
  const answer = await ask(api.POST("/api/v1/lookups", { body: question }));
  return { question, ...answer };
}

/** The address of an entity's page, with what it is read for. */
export function entityPath(kind: string, id: string, purpose?: string, basis?: string): string {
  const search = new URLSearchParams();
  if (purpose) search.set("purpose", purpose);
  if (basis) search.set("basis", basis);
  const tail = search.size > 0 ? `?${search}` : "";
  return `/entities/${encodeURIComponent(kind)}/${encodeURIComponent(id)}${tail}`;
}
