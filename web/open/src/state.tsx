import { type ComponentChildren, createContext } from "preact";
import { useContext, useEffect, useState } from "preact/hooks";
import type { Schemas } from "../../shared/api";
import type { Language } from "../../shared/format";
import { asTrouble, problemIn, type Trouble } from "../../shared/trouble";
import type { Phrases } from "./words";

export type Summary = Schemas["OpenSummary"];
export type Detail = Schemas["OpenData"];
export type Column = Schemas["OpenColumn"];

export type Ground = { language: Language; say: Phrases };
export const GroundContext = createContext<Ground | null>(null);

export function useGround(): Ground {
  const ground = useContext(GroundContext);
  if (!ground) throw new Error("no ground");
  return ground;
}

export type Asking<T> = { data?: T; trouble?: Trouble; busy: boolean; again: () => void };

/** Asks once for each key; what came before stays until the answer is there. */
export function useAsking<T>(ask: () => Promise<T>, key: string): Asking<T> {
  const [state, setState] = useState<{ data?: T; trouble?: Trouble; busy: boolean }>({ busy: true });
  const [round, setRound] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is asked changes with its key alone.
  useEffect(() => {
    let current = true;
    setState((old) => ({ data: old.data, busy: true }));
    ask()
      .then((data) => current && setState({ data, busy: false }))
      .catch((error) => current && setState({ trouble: asTrouble(error), busy: false }));
    return () => {
      current = false;
    };
  }, [key, round]);
  return { ...state, again: () => setRound(round + 1) };
}

export function TroubleView(props: { trouble: Trouble; onRetry?: () => void }) {
  const { say, language } = useGround();
  const said = props.trouble.problem && problemIn(props.trouble.problem, language);
  return (
    <div class="trouble" role="alert">
      <strong>{said?.title ?? say.failed}</strong>
      {said?.detail && <p>{said.detail}</p>}
      {said?.errors.map((one) => (
        <p key={one.code + (one.parameter ?? one.pointer ?? "")}>{one.message}</p>
      ))}
      <p>{said?.hint ?? say.failed_hint}</p>
      {props.onRetry && (
        <button type="button" onClick={props.onRetry}>
          {say.retry}
        </button>
      )}
    </div>
  );
}

export function Asked<T>(props: { of: Asking<T>; children: (data: T) => ComponentChildren }) {
  const { say } = useGround();
  const { of } = props;
  return (
    <>
      {of.data !== undefined && props.children(of.data)}
      {of.trouble && !of.busy && <TroubleView trouble={of.trouble} onRetry={of.again} />}
      <div role="status">{of.busy && of.data === undefined && <p class="fine loading">{say.loading}</p>}</div>
    </>
  );
}

/** A link within the portal that loads no page anew. */
export function Link(props: { to: string; class?: string; children: ComponentChildren }) {
  return (
    <a
      href={props.to}
      class={props.class}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
        event.preventDefault();
        go(props.to);
      }}
    >
      {props.children}
    </a>
  );
}

export function go(to: string): void {
  history.pushState(null, "", to);
  dispatchEvent(new PopStateEvent("popstate"));
  scrollTo(0, 0);
  document.getElementById("main")?.focus();
}
