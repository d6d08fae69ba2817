import { useTranslation } from "react-i18next";
import { api, ask, type Disclosure } from "../../../shared/api";
import { usePages } from "../data/pages";
import { useLabels } from "../data/words";
import { type Column, DataTable, PagedList } from "../parts/data_table";
import { Empty } from "../parts/page";
import { Time } from "../parts/time";
import type { FullGround, Subject } from "./entity";

/** Who has read what about someone. */
export function Ledger(props: { subject: Subject; ground: FullGround }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const { kind, id } = props.subject;
  const pages = usePages<Disclosure>(["disclosures", kind, id, props.ground], (cursor) =>
    ask(
      api.GET("/api/v1/entities/{kind}/{id}/disclosures", {
        params: { path: { kind, id }, query: { ...props.ground, cursor, limit: 50 } },
      }),
    ),
  );
  const columns: Column<Disclosure>[] = [
    { key: "time", title: t("entity.when"), head: true, render: (line) => <Time at={line.time} /> },
    { key: "who", title: t("entity.who"), render: (line) => <Who line={line} /> },
    {
      key: "purpose",
      title: t("entity.read_under"),
      render: (line) => (
        <>
          {labels.purpose(line.purpose)}
          <div className="fine">{labels.basis(line.basis)}</div>
        </>
      ),
    },
    { key: "asked", title: t("entity.asked"), render: (line) => <Asked asked={line.asked} /> },
    { key: "fields", title: t("entity.fields"), render: (line) => <Fields line={line} kind={kind} /> },
    { key: "entry", title: t("entity.entry_column"), render: (line) => <code>{line.entry}</code> },
  ];
  return (
    <>
      <p className="lead">{t("entity.ledger_lead")}</p>
      <PagedList of={pages} empty={<Empty title={t("entity.ledger_none")} hint={t("entity.ledger_none_hint")} />}>
        <DataTable
          label={t("entity.ledger")}
          columns={columns}
          rows={pages.items}
          rowKey={(line) => `${line.entry} ${line.time}`}
        />
      </PagedList>
    </>
  );
}

function Who(props: { line: Disclosure }) {
  const labels = useLabels();
  const { line } = props;
  return (
    <>
      {line.actor_name ?? <code>{line.actor}</code>}
      {line.department && <div className="fine">{labels.department(line.department)}</div>}
    </>
  );
}

function Asked(props: { asked?: string }) {
  const { t } = useTranslation();
  const known = (["read", "look_up", "reasons"] as const).find((one) => one === props.asked);
  return known ? t(`entity.asked_${known}`) : (props.asked ?? "—");
}

function Fields(props: { line: Disclosure; kind: string }) {
  const { t } = useTranslation();
  const labels = useLabels();
  if (props.line.fields.length === 0) return "—";
  return (
    <span className="row">
      {props.line.fields.map((one) => (
        <span key={one.field} className={`badge ${one.masked ? "masked" : "calm"}`}>
          {labels.field(props.kind, one.field)}
          {one.masked && ` · ${t("entity.masked")}`}
        </span>
      ))}
    </span>
  );
}
