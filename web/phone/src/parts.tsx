import type { ComponentChildren } from "preact";
import { problemIn, type Trouble } from "../../shared/trouble";
import { type Asking, useGround } from "./state";

export function TroubleView(props: { trouble: Trouble; onRetry?: () => void }) {
  const { say, language } = useGround();
  const { trouble } = props;
  const { problem } = trouble;
  const said = problem && problemIn(problem, language);
  const title = said?.title ?? say[trouble.kind as "network" | "timeout" | "answer"];
  return (
    <div class="trouble" role="alert">
      <strong>{title}</strong>
      {said?.detail && <p>{said.detail}</p>}
      {said?.errors.map((one) => (
        <p key={one.code + (one.pointer ?? "")}>{one.message}</p>
      ))}
      <p>{said?.hint ?? nextStep(trouble, say)}</p>
      {problem?.instance && (
        <p class="fine">
          {say.request} {problem.instance}
        </p>
      )}
      {props.onRetry && (
        <button type="button" onClick={props.onRetry}>
          {say.retry}
        </button>
      )}
    </div>
  );
}

function nextStep(trouble: Trouble, say: ReturnType<typeof useGround>["say"]): string {
  if (trouble.kind === "network" || trouble.kind === "timeout") return say[`${trouble.kind}_next`];
  if (trouble.status === 403) return say.next_403;
  if (trouble.status === 429) return say.next_429;
  if (trouble.status >= 500) return say.next_500;
  return trouble.kind === "answer" ? say.answer_next : "";
}

/** Loading, trouble or what came. */
export function Asked<T>(props: { of: Asking<T>; children: (data: T) => ComponentChildren }) {
  const { say } = useGround();
  const { of } = props;
  return (
    <>
      {of.data !== undefined && props.children(of.data)}
      {of.trouble && !of.busy && <TroubleView trouble={of.trouble} onRetry={of.again} />}
      <div role="status">{of.busy && <p class="loading">{of.slow ? say.slow : say.loading}</p>}</div>
    </>
  );
}

export function Empty(props: { title: string; hint?: string }) {
  return (
    <div class="empty">
      <strong>{props.title}</strong>
      {props.hint && <p>{props.hint}</p>}
    </div>
  );
}
