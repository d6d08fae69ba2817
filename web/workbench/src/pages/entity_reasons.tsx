import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { lazy, Suspense, useCallback, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, type Reasons } from "../../../shared/api";
import { formatNumber, formatProbability } from "../../../shared/format";
import { barLength, type Link, type Part, sortedLinks, sortedParts } from "../data/reasons";
import { useLabels } from "../data/words";
import { type Column, DataTable } from "../parts/data_table";
import { Empty, Loading } from "../parts/page";
import { ProblemView } from "../parts/problem_view";
import type { FullGround, Subject } from "./entity";
import { History, Words } from "./entity_history";

const Graph = lazy(() => import("../parts/link_graph"));

/** Why the records are held to be one. It is read only when it is asked for, as each read is a line in the ledger. */
export function ReasonsTab(props: { subject: Subject; ground: FullGround }) {
  const { t } = useTranslation();
  const [wanted, setWanted] = useState(false);
  const { kind, id } = props.subject;
  const reasons = useQuery({
    queryKey: ["reasons", kind, id, props.ground],
    queryFn: () =>
      ask(api.GET("/api/v1/entities/{kind}/{id}/reasons", { params: { path: { kind, id }, query: props.ground } })),
    enabled: wanted,
  });
  if (reasons.data) return <ReasonsView reasons={reasons.data} ground={props.ground} />;
  if (reasons.error) return <ProblemView error={reasons.error} onRetry={() => reasons.refetch()} />;
  if (wanted) return <Loading />;
  return (
    <Empty title={t("entity.reasons")} hint={t("entity.reasons_load_hint")}>
      <Button type="primary" className="below" onClick={() => setWanted(true)}>
        {t("entity.reasons_load")}
      </Button>
    </Empty>
  );
}

function ReasonsView(props: { reasons: Reasons; ground: FullGround }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const { reasons } = props;
  const links = useMemo(() => sortedLinks(reasons), [reasons]);
  const [chosen, setChosen] = useState<Link | undefined>(links[0]);
  const columns: Column<Reasons["records"][number]>[] = [
    { key: "source", title: t("entity.source"), head: true, render: (record) => labels.source(record.source) },
    { key: "owner", title: t("entity.owner"), render: (record) => labels.owner(record.source) || "—" },
    { key: "record", title: t("entity.record"), render: (record) => <code>{record.record}</code> },
  ];
  return (
    <>
      <h2>{t("entity.records_count", { count: reasons.records.length })}</h2>
      <DataTable
        label={t("entity.records")}
        columns={columns}
        rows={reasons.records}
        rowKey={(record) => `${record.source} ${record.record}`}
      />
      {links.length === 0 ? (
        <p className="lead below">{t("entity.one_record")}</p>
      ) : (
        <>
          <h2>{t("entity.chart")}</h2>
          <p className="fine">{t("entity.chart_hint")}</p>
          <Suspense fallback={<Loading />}>
            <Graph reasons={reasons} links={links} chosen={chosen} onChoose={setChosen} />
          </Suspense>
          <LinkTable reasons={reasons} links={links} chosen={chosen} onChoose={setChosen} />
          {chosen && (
            <>
              <h2>{t("entity.parts")}</h2>
              <PartTable kind={reasons.kind} parts={chosen.parts ?? []} />
            </>
          )}
        </>
      )}
      <Words reasons={reasons} chosen={chosen} />
      <History reasons={reasons} ground={props.ground} />
    </>
  );
}

export function useRecordName(reasons: Reasons): (place: number) => string {
  const labels = useLabels();
  return useCallback(
    (place) => {
      const record = reasons.records[place];
      if (!record) return "?";
      const twice = reasons.records.filter((one) => one.source === record.source).length > 1;
      return twice ? `${labels.source(record.source)} ${record.record}` : labels.source(record.source);
    },
    [reasons, labels],
  );
}

type Choosing = { chosen: Link | undefined; onChoose: (link: Link) => void };

function LinkTable(props: { reasons: Reasons; links: Link[] } & Choosing) {
  const { t } = useTranslation();
  const { language } = useLabels();
  const nameOf = useRecordName(props.reasons);
  const name = (link: Link) => t("entity.link", { a: nameOf(link.a), b: nameOf(link.b) });
  const columns: Column<Link>[] = [
    {
      key: "link",
      title: t("entity.links"),
      head: true,
      render: (link) => (
        <Button
          type="link"
          size="small"
          aria-pressed={link === props.chosen}
          className="wrap"
          onClick={() => props.onChoose(link)}
        >
          {name(link)}
        </Button>
      ),
    },
    {
      key: "weight",
      title: t("entity.weight"),
      align: "end",
      render: (link) => t("entity.weight_unit", { weight: formatNumber(link.weight, language, 1) }),
    },
    {
      key: "probability",
      title: t("entity.probability"),
      align: "end",
      render: (link) => formatProbability(link.probability, language),
    },
  ];
  return (
    <DataTable
      label={t("entity.links")}
      columns={columns}
      rows={props.links}
      rowKey={(link) => `${link.a} ${link.b}`}
      rowClass={(link) => (link === props.chosen ? "chosen" : "")}
    />
  );
}

/** What each comparison said for and against, in bits: one bit more doubles the odds. */
export function PartTable(props: { kind: string; parts: Part[] }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const parts = sortedParts(props.parts);
  const most = Math.max(...parts.map((part) => Math.abs(part.weight)), 1);
  if (parts.length === 0) return null;
  const columns: Column<Part>[] = [
    { key: "field", title: t("entity.field"), head: true, render: (part) => labels.field(props.kind, part.field) },
    { key: "level", title: t("entity.level"), render: (part) => <Level level={part.level} /> },
    {
      key: "weight",
      title: `${t("entity.weight")} (${t("entity.against_it")} | ${t("entity.for_it")})`,
      render: (part) => <WeightBar weight={part.weight} most={most} />,
    },
  ];
  return (
    <DataTable
      label={t("entity.parts")}
      columns={columns}
      rows={parts}
      rowKey={(part) => `${part.field} ${part.level}`}
    />
  );
}

/** The engine's own words, "same_part road" or "damerau 1". One that a later engine brings shows itself. */
function Level(props: { level: string }) {
  const { t, i18n } = useTranslation();
  const [name = "", given = ""] = props.level.split(" ");
  if (!i18n.exists(`level.${name}`)) return props.level;
  const detail = i18n.exists(`place_part.${given}`) ? t(`place_part.${given}` as "place_part.road") : given;
  return t(`level.${name}` as "level.damerau", { detail });
}

function WeightBar(props: { weight: number; most: number }) {
  const { language } = useLabels();
  const width = `${barLength(props.weight, props.most)}%`;
  return (
    <span className="weight">
      <span className="bar" aria-hidden="true">
        <i className={props.weight >= 0 ? "for" : "against"} style={{ width }} />
      </span>
      <span className="number">
        {props.weight > 0 ? "+" : ""}
        {formatNumber(props.weight, language, 1)}
      </span>
    </span>
  );
}
