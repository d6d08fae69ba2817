import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Select } from "antd";
import { type FormEvent, useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { api, ask } from "../../../shared/api";
import { nameIn } from "../../../shared/format";
import { type AuditAction, type AuditQuery, auditActions, auditQuery, useActionName } from "../data/audit";
import { type Labels, useDepartmentsQuery, useLabels } from "../data/words";
import { ChoiceField } from "../parts/choice_field";

const ref = /^[a-z_]+:[A-Za-z0-9_#-]{1,64}$/;
const pauseMs = 250;

/** The text once its writer has paused. */
function usePaused(text: string): string {
  const [paused, setPaused] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setPaused(text), pauseMs);
    return () => clearTimeout(timer);
  }, [text]);
  return paused;
}

type Option = { value: string; label: string };

/** Accounts and systems whose name holds the text; an id as the log has it stands for itself. */
function useActors(text: string, labels: Labels): { options: Option[]; busy: boolean } {
  const name = usePaused(text.trim());
  const wanted = name !== "" && !ref.test(name);
  const found = useQuery({
    queryKey: ["audit_actors", name],
    queryFn: () => ask(api.GET("/api/v1/audit/actors", { params: { query: { name } } })),
    enabled: wanted,
  });
  if (ref.test(text.trim())) return { options: [{ value: text.trim(), label: text.trim() }], busy: false };
  const options = (wanted ? (found.data?.items ?? []) : []).map((one) => ({
    value: one.ref,
    label: [one.name, ...one.departments.map((id) => labels.department(id))].join(" · "),
  }));
  return { options, busy: text.trim() !== name || (wanted && found.isPending) };
}

/** A choice among accounts and systems by what they are called, or of whatever else the log knows by its id. */
function ActorField(props: {
  label: string;
  hint: string;
  value?: string;
  name?: string;
  onChange: (value?: string) => void;
}) {
  const { t } = useTranslation();
  const labels = useLabels();
  const id = useId();
  const [text, setText] = useState("");
  // What was chosen by its name keeps it, also when the page is another address's.
  const names = useQueryClient();
  const { options, busy } = useActors(text, labels);
  const { value } = props;
  const shown = names.getQueryData<string>(["audit_name", value]) ?? props.name ?? value;
  return (
    <div>
      <label htmlFor={id}>{props.label}</label>
      <Select
        id={id}
        labelInValue
        allowClear
        value={value === undefined ? undefined : { value, label: shown ?? value }}
        placeholder={props.hint}
        options={options}
        loading={busy && text !== ""}
        showSearch={{ filterOption: false, searchValue: text, onSearch: setText }}
        notFoundContent={t(text.trim() === "" ? "audit.type_name" : busy ? "app.loading" : "audit.no_actor")}
        onChange={(option?: Option) => {
          setText("");
          if (option) names.setQueryData(["audit_name", option.value], option.label);
          props.onChange(option?.value);
        }}
      />
    </div>
  );
}

/** What of the log is shown. It lies in the address, so that what was found can be shown to a colleague. `nameOf` knows
 * what the entries in sight say about who acted. */
export function AuditFilter(props: { nameOf: (ref?: string) => string | undefined }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const actionName = useActionName();
  const departments = useDepartmentsQuery().data ?? [];
  const [search, setSearch] = useSearchParams();
  const [asked, setAsked] = useState<AuditQuery>(() => auditQuery(search));
  // The address follows a moment later than what is pressed here; only another's change of it changes the fields.
  const expected = useRef(search.toString());
  useEffect(() => {
    if (search.toString() === expected.current) return;
    expected.current = search.toString();
    setAsked(auditQuery(search));
  }, [search]);
  const go = (query: AuditQuery) => {
    const next = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== undefined));
    expected.current = next.toString();
    setAsked(query);
    setSearch(next);
  };
  const put = (part: AuditQuery) => setAsked((old) => ({ ...old, ...part }));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    go(asked);
  };
  return (
    <form className="filter" onSubmit={submit}>
      <ActorField
        label={t("audit.actor")}
        hint={t("audit.actor_hint")}
        value={asked.actor}
        name={props.nameOf(asked.actor)}
        onChange={(actor) => put({ actor })}
      />
      <ChoiceField
        label={t("accounts.department")}
        hint={t("audit.any")}
        value={asked.department}
        options={departments.map((one) => ({ value: one.id, label: nameIn(one, labels.language) }))}
        onChange={(department) => put({ department })}
      />
      <ChoiceField<AuditAction>
        label={t("audit.action")}
        hint={t("audit.any")}
        value={asked.action}
        options={auditActions.map((action) => ({ value: action, label: actionName(action) }))}
        onChange={(action) => put({ action })}
      />
      <ActorField
        label={t("audit.object")}
        hint={t("audit.object_hint")}
        value={asked.object}
        name={props.nameOf(asked.object)}
        onChange={(object) => put({ object })}
      />
      <Button type="primary" htmlType="submit">
        {t("audit.filter")}
      </Button>
      <Button onClick={() => go({})}>{t("audit.clear")}</Button>
    </form>
  );
}
