import { useQuery } from "@tanstack/react-query";
import { Button, Drawer } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, type Disclosure } from "../../../shared/api";
import { formatTime, nameIn } from "../../../shared/format";
import type { Question } from "../data/exchange";
import { type Page, usePages } from "../data/pages";
import { useLabels } from "../data/words";
import { type Column, DataTable, PagedList } from "../parts/data_table";
import { Empty } from "../parts/page";
import { Time } from "../parts/time";
import type { FullGround, Subject } from "./entity";
import { AskForm, OwnQuestion } from "./own_question";

type Lines = Page<Disclosure> & { withheld: number; withheld_until?: string };

/** Who has read what about someone. Whoever it is about asks about each line, and reads the answer beside it. */
export function Ledger(props: { subject: Subject; ground: FullGround; own?: boolean }) {
  const { t } = useTranslation();
  const { kind, id } = props.subject;
  const [asking, setAsking] = useState<Disclosure>();
  const pages = usePages<Disclosure, Lines>(["disclosures", kind, id, props.ground], (cursor) =>
    ask(
      api.GET("/api/v1/entities/{kind}/{id}/disclosures", {
        params: { path: { kind, id }, query: { ...props.ground, cursor, limit: 50 } },
      }),
    ),
  );
  const questions = useQuery({
    queryKey: ["own_questions", kind, id],
    queryFn: async () =>
      (await ask(api.GET("/api/v1/entities/{kind}/{id}/questions", { params: { path: { kind, id } } }))).items,
    enabled: props.own === true,
    staleTime: 0,
  });
  const columns = useColumns(kind);
  if (props.own)
    columns.push({
      key: "ask",
      title: t("exchange.own_ask"),
      plain: true,
      render: (line) => <Asking line={line} questions={questions.data ?? []} onAsk={() => setAsking(line)} />,
    });
  const first = pages.data?.pages[0];
  return (
    <>
      <p className="lead">{t("entity.ledger_lead")}</p>
      {first && <Withheld of={first} />}
      <PagedList of={pages} empty={<Empty title={t("entity.ledger_none")} hint={t("entity.ledger_none_hint")} />}>
        <DataTable
          label={t("entity.ledger")}
          columns={columns}
          rows={pages.items}
          rowKey={(line) => `${line.entry} ${line.time} ${line.dataset ?? ""}`}
        />
      </PagedList>
      <Drawer
        open={asking !== undefined}
        onClose={() => setAsking(undefined)}
        title={t("exchange.own_ask")}
        size={460}
        destroyOnHidden
      >
        {asking && (
          <AskForm
            subject={props.subject}
            line={asking.entry}
            basis={props.ground.basis}
            onDone={() => setAsking(undefined)}
          />
        )}
      </Drawer>
    </>
  );
}

/** What stands in each line. */
function useColumns(kind: string): Column<Disclosure>[] {
  const { t } = useTranslation();
  const labels = useLabels();
  return [
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
    { key: "data", title: t("exchange.data"), render: (line) => <Data line={line} /> },
    { key: "fields", title: t("entity.fields"), render: (line) => <Fields line={line} kind={kind} /> },
    { key: "entry", title: t("entity.entry_column"), render: (line) => <code>{line.entry}</code> },
  ];
}

/** Lines that a law withholds are counted. */
function Withheld(props: { of: Lines }) {
  const { t } = useTranslation();
  const { language } = useLabels();
  const { withheld, withheld_until } = props.of;
  if (withheld === 0) return null;
  return (
    <p className="notice amber">
      {t("exchange.withheld", { count: withheld })}
      {withheld_until && ` ${t("exchange.withheld_until", { time: formatTime(withheld_until, language) })}`}
    </p>
  );
}

/** The question about a line, or the way to one. A line that names no body has nobody to be asked. */
function Asking(props: { line: Disclosure; questions: Question[]; onAsk: () => void }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const { line } = props;
  const asked = props.questions.filter((one) => one.line === line.entry);
  const name = t("exchange.own_ask_of", {
    who: labels.department(line.department),
    time: formatTime(line.time, labels.language),
  });
  return (
    <>
      {asked.map((one) => (
        <OwnQuestion key={one.id} question={one} />
      ))}
      {line.department && asked.every((one) => one.state === "answered") && (
        <Button size="small" aria-label={name} onClick={props.onAsk}>
          {t("exchange.own_ask")}
        </Button>
      )}
    </>
  );
}

/** Which data: rows of a department's dataset, or the base library's own values. */
function Data(props: { line: Disclosure }) {
  const { t } = useTranslation();
  const { language } = useLabels();
  const { line } = props;
  return (
    <>
      {line.dataset ? nameIn(line.dataset_title, language) || line.dataset : t("exchange.own_values")}
      <div className="fine">
        <Asked asked={line.asked} />
      </div>
      {line.withheld && <span className="badge masked">{t("exchange.withheld_one")}</span>}
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
  const known = (["read", "look_up", "reasons", "export", "ledger"] as const).find((one) => one === props.asked);
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
          {nameIn(one.title, labels.language) || labels.field(props.kind, one.field)}
          {one.masked && ` · ${t("entity.masked")}`}
        </span>
      ))}
    </span>
  );
}
