import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { type AuditEntry, api, ask } from "../../../shared/api";
import { formatNumber } from "../../../shared/format";
import { auditQuery, useActionName } from "../data/audit";
import { entityPath } from "../data/lookup";
import { type Page, usePages } from "../data/pages";
import { useLabels } from "../data/words";
import { type Column, DataTable, PagedList } from "../parts/data_table";
import { Card, Empty, PageFrame } from "../parts/page";
import { Time } from "../parts/time";
import { AuditFilter } from "./audit_filter";
import { ProofDrawer } from "./audit_proof";

type EntryPage = Page<AuditEntry> & { size: number };

export default function AuditPage() {
  const { t } = useTranslation();
  const labels = useLabels();
  const actionName = useActionName();
  const [search] = useSearchParams();
  const [proving, setProving] = useState<AuditEntry>();
  const query = auditQuery(search);
  const entries = usePages<AuditEntry, EntryPage>(["audit", query], (cursor) =>
    ask(api.GET("/api/v1/audit/entries", { params: { query: { ...query, cursor, limit: 50 } } })),
  );
  const nameOf = (ref?: string) => entries.items.find((entry) => entry.actor === ref)?.actor_name;
  const size = entries.data?.pages[0]?.size;
  const columns: Column<AuditEntry>[] = [
    { key: "index", title: t("audit.index"), align: "end", render: (entry) => entry.index },
    { key: "time", title: t("audit.time"), render: (entry) => <Time at={entry.time} /> },
    {
      key: "action",
      title: t("audit.action"),
      head: true,
      render: (entry) => <span className="nowrap">{actionName(entry.action)}</span>,
    },
    { key: "actor", title: t("audit.actor"), render: (entry) => <Actor entry={entry} /> },
    { key: "object", title: t("audit.object"), render: (entry) => <AuditObject value={entry.object} /> },
    { key: "purpose", title: t("audit.purpose"), render: (entry) => <Ground entry={entry} /> },
    { key: "area", title: t("audit.area"), render: (entry) => labels.area(entry.area) || "—" },
    {
      key: "proof",
      title: t("audit.proof"),
      plain: true,
      render: (entry) => (
        <Button size="small" aria-label={t("audit.proof_of", { index: entry.index })} onClick={() => setProving(entry)}>
          {t("audit.proof")}
        </Button>
      ),
    },
  ];
  const count = size === undefined ? undefined : t("audit.size", { size: formatNumber(size, labels.language) });
  return (
    <PageFrame title={t("audit.title")} lead={t("audit.lead")} extra={<span className="fine">{count}</span>}>
      <Card>
        <AuditFilter nameOf={nameOf} />
        <PagedList of={entries} empty={<Empty title={t("audit.none")} hint={t("audit.none_hint")} />}>
          <DataTable
            label={t("audit.title")}
            columns={columns}
            rows={entries.items}
            rowKey={(entry) => String(entry.index)}
          />
        </PagedList>
      </Card>
      <ProofDrawer entry={proving} onClose={() => setProving(undefined)} />
    </PageFrame>
  );
}

function Ground(props: { entry: AuditEntry }) {
  const labels = useLabels();
  if (!props.entry.purpose) return "—";
  return (
    <>
      {labels.purpose(props.entry.purpose)}
      {props.entry.basis && <div className="fine">{labels.basis(props.entry.basis)}</div>}
    </>
  );
}

/** What or who an entry names; a press shows all of its entries. */
function RefLink(props: { name: "object" | "actor"; value?: string }) {
  const [, setSearch] = useSearchParams();
  const { value } = props;
  if (!value) return "—";
  return (
    <button type="button" className="link mono" onClick={() => setSearch({ [props.name]: value })}>
      {value}
    </button>
  );
}

/** Who it was, as people know them, and the id that the log has. */
function Actor(props: { entry: AuditEntry }) {
  const { actor, actor_name } = props.entry;
  return (
    <>
      {actor_name && <div>{actor_name}</div>}
      <RefLink name="actor" value={actor} />
    </>
  );
}

/** What was dealt with; of a person, firm or place there is a ledger to see. */
function AuditObject(props: { value?: string }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const [kind = "", id = ""] = (props.value ?? "").split(":");
  return (
    <>
      <RefLink name="object" value={props.value} />
      {labels.kindOf(kind) && (
        <div className="fine">
          <Link to={entityPath(kind, id)}>{t("entity.ledger")}</Link>
        </div>
      )}
    </>
  );
}
