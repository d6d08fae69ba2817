import { useTranslation } from "react-i18next";

/** The log's own words for what was done, as the contract lists them. */
export const auditActions = [
  "disclose",
  "sign_in",
  "sign_out",
  "create",
  "change",
  "remove",
  "grant",
  "revoke",
  "run",
  "export",
  "publish",
  "decide",
  "merge",
  "split",
  "configure",
] as const;
export type AuditAction = (typeof auditActions)[number];

/** What of the log is asked for. Actor and object are as the log has them: kind:id. */
export type AuditQuery = { object?: string; actor?: string; department?: string; action?: AuditAction };

/** The question that an address holds. What it does not know it leaves out. */
export function auditQuery(search: URLSearchParams): AuditQuery {
  const of = (name: string) => search.get(name) || undefined;
  return {
    object: of("object"),
    actor: of("actor"),
    department: of("department"),
    action: auditActions.find((one) => one === search.get("action")),
  };
}

export function useActionName(): (action: string) => string {
  const { t, i18n } = useTranslation();
  // Actions are the log's own words, known to the program; one of a later server shows itself.
  return (action) => (i18n.exists(`action.${action}`) ? t(`action.${action}` as "action.create") : action);
}
