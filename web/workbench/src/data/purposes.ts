import { useQueries } from "@tanstack/react-query";
import { api, ask, type Schemas } from "../../../shared/api";
import { useSession } from "./session";
import { useLabels } from "./words";

type Decision = Schemas["Decision"];

/** A refusal that another purpose would not mend says nothing against this one. */
function opens(decision: Decision): boolean {
  return decision.allowed || decision.reason === "second_factor_needed" || decision.reason.startsWith("unknown_");
}

/** The purposes that carry a legal basis, and under which at least one post opens `action` on `kind`. It spares people
 * refusals; until the server has said, and where it does not, all are shown. */
export function useUsablePurposes(action: string, kind: string) {
  const session = useSession();
  const labels = useLabels();
  const areas = [...new Set((session.posts ?? []).map((post) => post.area))];
  const purposes = labels.words.purposes.filter((purpose) => labels.basesOf(purpose.id).length > 0);
  const asked = purposes.flatMap((purpose) => areas.map((area) => ({ purpose: purpose.id, area })));
  const answers = useQueries({
    queries: asked.map(({ purpose, area }) => ({
      queryKey: ["may", session.account, session.stage, action, kind, purpose, area],
      queryFn: () => ask(api.POST("/api/v1/permission-checks", { body: { action, resource: kind, purpose, area } })),
    })),
  });
  if (kind === "" || answers.some((answer) => answer.data === undefined)) return purposes;
  const open = new Set(asked.filter((_, at) => opens(answers[at]?.data as Decision)).map((one) => one.purpose));
  return open.size > 0 ? purposes.filter((purpose) => open.has(purpose.id)) : purposes;
}
