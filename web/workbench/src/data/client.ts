import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { asTrouble } from "../../../shared/trouble";

const listeners = new Set<() => void>();

/** Calls back whenever the server says that the session is over. */
export function onSignedOut(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function notice(error: unknown, meta: Record<string, unknown> | undefined): void {
  if (asTrouble(error).signedOut && !meta?.signsIn) for (const listener of listeners) listener();
}

export const client = new QueryClient({
  queryCache: new QueryCache({ onError: (error, query) => notice(error, query.meta) }),
  mutationCache: new MutationCache({ onError: (error, _v, _c, mutation) => notice(error, mutation.meta) }),
  defaultOptions: {
    queries: {
      // "always": a browser that believes itself offline must show a clear word, not wait in silence.
      networkMode: "always",
      // Each read of personal data is a line in somebody's ledger, so nothing is read again behind the reader's back.
      staleTime: Number.POSITIVE_INFINITY,
      gcTime: 5 * 60_000,
      refetchOnWindowFocus: false,
      refetchOnReconnect: false,
      retry: (count, error) => count < 2 && asTrouble(error).passing && asTrouble(error).status !== 429,
      retryDelay: (count) => 400 * 2 ** count,
    },
    mutations: { networkMode: "always", retry: false },
  },
});

/** Forgets all that was read for somebody; what is open to all stays. */
export function forgetReader(): void {
  client.removeQueries({ predicate: (query) => query.meta?.open !== true });
  client.getMutationCache().clear();
}
