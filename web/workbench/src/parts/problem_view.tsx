import { Alert, Button } from "antd";
import type { TFunction } from "i18next";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { asTrouble, problemIn, type Trouble } from "../../../shared/trouble";
import { useSettings } from "../settings";

/** What another try will not change, and may write into the log once more. */
const settled = [400, 403, 404];

/** What to do next, where the server gave no hint of its own. */
function nextStep(trouble: Trouble, t: TFunction): string {
  if (trouble.kind !== "problem" && trouble.status === 0)
    return t(`trouble.${trouble.kind as "network" | "timeout" | "answer"}_next`);
  if (trouble.code === "outside-area") return t("trouble.next_outside_area");
  if (trouble.status === 429 && trouble.retryAfter) return t("trouble.next_429_after", { seconds: trouble.retryAfter });
  const known = [401, 403, 404, 409, 412, 429, 503] as const;
  const status = known.find((one) => one === trouble.status);
  if (status) return t(`trouble.next_${status}`);
  return t(trouble.status >= 500 || trouble.kind !== "problem" ? "trouble.next_500" : "trouble.next_400");
}

/** A failure as its reader needs it: what, why, by which rule, and what to do next. */
export function ProblemView(props: { error: unknown; onRetry?: () => void; intoView?: boolean }) {
  const { t } = useTranslation();
  const frame = useRef<HTMLDivElement>(null);
  // Below a long form nobody sees it otherwise.
  // biome-ignore lint/correctness/useExhaustiveDependencies: each new failure comes into view.
  useEffect(() => {
    if (props.intoView) frame.current?.scrollIntoView({ block: "nearest" });
  }, [props.error, props.intoView]);
  const trouble = asTrouble(props.error);
  const { problem } = trouble;
  const { language } = useSettings();
  const said = problem && problemIn(problem, language);
  const mild = problem !== undefined && trouble.status < 500;
  return (
    <div role="alert" className="problem" ref={frame}>
      <Alert
        type={mild ? "warning" : "error"}
        showIcon
        role="presentation"
        title={<strong>{said?.title ?? t(`trouble.${trouble.kind as "network" | "timeout" | "answer"}`)}</strong>}
        description={
          <div className="problem-body">
            {said?.detail && <p>{said.detail}</p>}
            {said && said.errors.length > 0 && (
              <ul>
                {said.errors.map((one) => (
                  <li key={`${one.pointer ?? one.parameter ?? ""}${one.code}`}>
                    {(one.pointer || one.parameter) && <code>{one.pointer ?? one.parameter}</code>} {one.message}
                  </li>
                ))}
              </ul>
            )}
            <p>{said?.hint ?? nextStep(trouble, t)}</p>
            {(problem?.rule || problem?.instance) && (
              <p className="fine">
                {problem.rule && (
                  <span>
                    {t("trouble.rule")} <code>{problem.rule}</code>
                  </span>
                )}
                {problem.instance && (
                  <span>
                    {t("trouble.instance")} <code>{problem.instance}</code>
                  </span>
                )}
              </p>
            )}
            {props.onRetry && !settled.includes(trouble.status) && (
              <Button className="below" onClick={props.onRetry}>
                {t("app.retry")}
              </Button>
            )}
          </div>
        }
      />
    </div>
  );
}
