import { useTranslation } from "react-i18next";
import type { Entity } from "../../../shared/api";
import { useLabels } from "../data/words";
import { type Column, DataTable } from "../parts/data_table";
import { Masked } from "../parts/masked";
import { Empty } from "../parts/page";
import type { FullGround } from "./entity";

export type Row = { field: string; value?: Entity["values"][number]; refused?: Entity["refused"][number] };

export function rowsOf(entity: Entity, order: readonly string[]): Row[] {
  const rows: Row[] = [
    ...entity.values.map((value) => ({ field: value.field, value })),
    ...entity.refused.map((refused) => ({ field: refused.field, refused })),
  ];
  const place = (row: Row) => (order.indexOf(row.field) + order.length + 1) % (order.length + 1);
  return rows.sort((a, b) => place(a) - place(b));
}

export function Values(props: { entity: Entity; ground: FullGround }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const { entity } = props;
  const rows = rowsOf(entity, labels.kindOf(entity.kind)?.fields.map((field) => field.id) ?? []);
  const columns: Column<Row>[] = [
    {
      key: "field",
      title: t("entity.field"),
      head: true,
      width: "11em",
      render: (row) => <FieldName row={row} kind={entity.kind} />,
    },
    { key: "value", title: t("entity.value"), render: (row) => <ValueCell row={row} kind={entity.kind} /> },
    { key: "source", title: t("entity.source"), render: (row) => <SourceCell row={row} /> },
    {
      key: "record",
      title: t("entity.record"),
      render: (row) => (row.value?.record ? <code>{row.value.record}</code> : "—"),
    },
    { key: "time", title: t("entity.time"), render: (row) => row.value?.time || "—" },
  ];
  if (rows.length === 0) return <Empty title={t("entity.nothing")} hint={t("entity.nothing_hint")} />;
  return <DataTable label={t("entity.values")} columns={columns} rows={rows} rowKey={(row) => row.field} />;
}

export function FieldName(props: { row: Row; kind: string }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const grade = labels.fieldOf(props.kind, props.row.field)?.grade;
  return (
    <>
      {labels.field(props.kind, props.row.field)}{" "}
      {grade !== undefined && <span className="badge grade">{t("entity.grade", { grade })}</span>}
    </>
  );
}

export function ValueCell(props: { row: Row; kind: string }) {
  const { t } = useTranslation();
  const { language } = useLabels();
  const { value, refused } = props.row;
  if (refused)
    return (
      <>
        <span className="badge refused">{t("entity.refused")}</span>
        <div className="fine">
          {refused[language]}
          {refused.rule && (
            <>
              {" "}
              <code>{t("entity.refused_by", { rule: refused.rule })}</code>
            </>
          )}
        </div>
      </>
    );
  if (!value) return "—";
  return (
    <>
      <Masked value={value} kind={props.kind} />
      {(value.differs ?? 0) > 0 && <div className="fine differs">{t("entity.differs", { count: value.differs })}</div>}
    </>
  );
}

export function SourceCell(props: { row: Row }) {
  const labels = useLabels();
  const source = props.row.value?.source;
  if (!source) return "—";
  return (
    <>
      {labels.source(source)}
      <div className="fine">{labels.owner(source)}</div>
    </>
  );
}
