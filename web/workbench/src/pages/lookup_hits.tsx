import type { KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Entity } from "../../../shared/api";
import { entityPath, type Found } from "../data/lookup";
import { useLabels } from "../data/words";
import { type Column, DataTable } from "../parts/data_table";
import { Masked } from "../parts/masked";
import { Card, Empty } from "../parts/page";

/** The fields that any hit shows, in the order of the kind's own list. */
function shownFields(items: readonly Entity[], order: readonly string[]): string[] {
  const present = new Set(items.flatMap((item) => item.values.map((value) => value.field)));
  const known = order.filter((field) => present.delete(field));
  return [...known, ...present];
}

function move(event: KeyboardEvent<HTMLElement>): void {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const links = [...event.currentTarget.querySelectorAll<HTMLElement>("tbody a[href]")];
  const at = links.indexOf(document.activeElement as HTMLElement);
  const next = links[at + (event.key === "ArrowDown" ? 1 : -1)];
  if (!next) return;
  event.preventDefault();
  next.focus();
}

export function Hits(props: { found: Found }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const { question, items, bounded, more } = props.found;
  const { kind } = question;
  const fields = shownFields(items, labels.kindOf(kind)?.fields.map((field) => field.id) ?? []);
  const columns: Column<Entity>[] = fields.map((field, at) => ({
    key: field,
    title: labels.field(kind, field),
    head: at === 0,
    render: (item) => {
      const value = item.values.find((one) => one.field === field);
      const text = value ? <Masked value={value} kind={kind} short /> : "—";
      if (at > 0) return text;
      return <Link to={entityPath(kind, item.id, question.purpose, question.basis)}>{text}</Link>;
    },
  }));
  columns.push({ key: "area", title: t("lookup.area"), render: (item) => labels.areaPath(item.area, 3) || "—" });
  return (
    <Card title={t("lookup.results")} extra={<span role="status">{t("lookup.found", { count: items.length })}</span>}>
      {more && <p className="notice">{t("lookup.more")}</p>}
      {items.length > 0 ? (
        <DataTable
          label={t("lookup.results")}
          columns={columns}
          rows={items}
          rowKey={(item) => item.id}
          onRowKey={move}
        />
      ) : (
        <Empty
          title={t(bounded ? "lookup.nothing_here" : "lookup.nothing")}
          hint={t(bounded ? "lookup.nothing_here_hint" : "lookup.nothing_hint")}
        />
      )}
      {bounded && items.length > 0 && <p className="fine">{t("lookup.bounded")}</p>}
    </Card>
  );
}
