import { createContext } from "preact";
import { useCallback, useContext, useEffect, useRef, useState } from "preact/hooks";
import type { Words } from "../../shared/api";
import { type Language, nameIn, nameOfBasis } from "../../shared/format";
import { asTrouble, type Trouble } from "../../shared/trouble";
import type { Phrases } from "./words";

export type Ground = {
  language: Language;
  say: Phrases;
  words: Words | undefined;
  /** Called when the server says that the session is over. */
  onSignedOut: () => void;
};

export const GroundContext = createContext<Ground | null>(null);

export function useGround(): Ground {
  const ground = useContext(GroundContext);
  if (!ground) throw new Error("no ground");
  return ground;
}

export function useName(): (list: "purposes" | "bases" | "sources", id?: string) => string {
  const { words, language } = useGround();
  return (list, id) => {
    if (list === "bases") {
      const basis = words?.bases.find((one) => one.id === id);
      return basis ? nameOfBasis(basis, language) : (id ?? "");
    }
    const terms: { id: string; zh: string; en?: string }[] = words?.[list] ?? [];
    return (
      nameIn(
        terms.find((term) => term.id === id),
        language,
      ) ||
      (id ?? "")
    );
  };
}

export type Asking<T> = { data?: T; trouble?: Trouble; busy: boolean; slow: boolean; again: () => void };

const slowMs = 4000;
const tries = 3;

/** Asks the server once, and twice more where the line is weak. Says when it takes long. Only for what may be asked
 * again without harm. */
export function useAsking<T>(ask: () => Promise<T>, key: string): Asking<T> {
  const { onSignedOut } = useGround();
  const [state, setState] = useState<{ data?: T; trouble?: Trouble; busy: boolean; slow: boolean }>({
    busy: true,
    slow: false,
  });
  const round = useRef(0);
  const latest = useRef(ask);
  latest.current = ask;
  const run = useCallback(async () => {
    const mine = ++round.current;
    const current = () => mine === round.current;
    setState((old) => ({ data: old.data, busy: true, slow: false }));
    const timer = setTimeout(() => current() && setState((old) => ({ ...old, slow: true })), slowMs);
    const outcome = await attempt(latest.current, current);
    clearTimeout(timer);
    if (!current()) return;
    setState({ ...outcome, busy: false, slow: false });
    if (outcome.trouble?.signedOut) onSignedOut();
  }, [onSignedOut]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is asked changes with its key alone.
  useEffect(() => {
    run();
    return () => {
      ++round.current;
    };
  }, [key, run]);
  return { ...state, again: run };
}

async function attempt<T>(ask: () => Promise<T>, wanted: () => boolean): Promise<{ data?: T; trouble?: Trouble }> {
  let trouble: Trouble | undefined;
  for (let round = 0; round < tries && wanted(); ++round) {
    if (round > 0) await new Promise((resolve) => setTimeout(resolve, 500 * 2 ** round));
    try {
      return { data: await ask() };
    } catch (error) {
      trouble = asTrouble(error);
      // Who is gone or slow may be back; a timeout was long enough, and whoever reads decides.
      if (trouble.kind !== "network" && ![502, 503, 504].includes(trouble.status)) break;
    }
  }
  return { trouble };
}
