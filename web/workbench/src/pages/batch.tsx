import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Form, Input } from "antd";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { api, ask, type Schemas } from "../../../shared/api";
import { formatNumber, nameIn } from "../../../shared/format";
import { type Dataset, useDatasetQuery } from "../data/catalog";
import { may, useSession } from "../data/session";
import type { Batch } from "../data/upload";
import { useLabels } from "../data/words";
import { keyed, useWrite } from "../data/writing";
import { type Column, DataTable } from "../parts/data_table";
import { Answered, Card, Empty, PageFrame } from "../parts/page";
import { ProblemView } from "../parts/problem_view";
import { Time } from "../parts/time";
import { BatchState } from "./batches";

type Report = Schemas["QualityReport"];

const measures = ["completeness", "validity", "rules", "uniqueness", "timeliness", "consistency"] as const;

/** One batch: its quality after GB/T 36344, why it waits, where the mistakes are. */
export default function BatchPage() {
  const { t } = useTranslation();
  const labels = useLabels();
  const { id = "" } = useParams();
  const reading = useQuery({
    queryKey: ["batch", id],
    queryFn: () => ask(api.GET("/api/v1/batches/{batch}", { params: { path: { batch: id } } })),
    staleTime: 0,
  });
  const batch = reading.data;
  const dataset = useDatasetQuery(batch?.dataset ?? "").data?.dataset;
  const name = dataset ? nameIn(dataset.title, labels.language) : batch?.dataset;
  return (
    <PageFrame
      title={batch ? t("ingest.batch_of", { name, batch: batch.batch }) : id}
      extra={
        batch && <Link to={`/catalog/${encodeURIComponent(batch.dataset)}/batches`}>{t("ingest.all_batches")}</Link>
      }
    >
      <Answered of={reading}>
        {batch && (
          <>
            <Head batch={batch} />
            {batch.state === "held" && <Decision batch={batch} provider={dataset?.provider} />}
            {batch.report && (
              <>
                <Alarms report={batch.report} dataset={dataset} />
                <FieldTable report={batch.report} dataset={dataset} />
                <Rules report={batch.report} dataset={dataset} />
                <WorstRows report={batch.report} dataset={dataset} />
                <Unreadable report={batch.report} />
              </>
            )}
          </>
        )}
      </Answered>
    </PageFrame>
  );
}

function Head(props: { batch: Batch }) {
  const { t } = useTranslation();
  const { language } = useLabels();
  const { batch } = props;
  const { report } = batch;
  const number = (value: number) => formatNumber(value, language);
  return (
    <Card>
      <p>
        <BatchState state={batch.state} /> {t(`ingest.kind_${batch.kind}`)} · <Time at={batch.received} />
        {batch.decided && (
          <span className="fine">
            {" "}
            · {t("ingest.decided")} <Time at={batch.decided} />: {batch.reason}
          </span>
        )}
      </p>
      {batch.state === "held" && report && (
        <p className="notice amber">
          {t("ingest.held_because")}
          {report.held_because.map((why) => t(`ingest.because_${why}`)).join("；")}
        </p>
      )}
      {report && (
        <ul className="measures">
          {measures.map((measure) => (
            <Measure key={measure} measure={measure} share={report.measures[measure]} />
          ))}
        </ul>
      )}
      <p className="fine">
        {t("ingest.counts", {
          rows: number(batch.rows),
          mistaken: number(batch.mistaken),
          rejected: number(batch.rejected),
          unreadable: number(batch.unreadable),
        })}
        {report?.read_as && ` · ${report.read_as}`}
      </p>
      {report?.notes.map((note) => (
        <p key={note} className="fine">
          {note}
        </p>
      ))}
    </Card>
  );
}

function Measure(props: { measure: (typeof measures)[number]; share: number | null | undefined }) {
  const { t } = useTranslation();
  const { language } = useLabels();
  const { share } = props;
  const known = share !== null && share !== undefined;
  return (
    <li>
      <span>{t(`ingest.measure_${props.measure}`)}</span>
      <strong>{known ? `${formatNumber(Math.floor(share * 10_000) / 100, language, 2)}%` : "—"}</strong>
      {!known && <span className="fine">{t("ingest.not_measured")}</span>}
    </li>
  );
}

/** The owner's word on a batch that waits. */
function Decision(props: { batch: Batch; provider: string | undefined }) {
  const { t } = useTranslation();
  const session = useSession();
  const cache = useQueryClient();
  const [form] = Form.useForm<{ reason: string }>();
  const { batch } = props;
  const decide = useWrite(
    (body: { decision: "release" | "drop"; reason: string }, key) =>
      ask(
        api.POST("/api/v1/batches/{batch}/decision", {
          params: { path: { batch: batch.id }, header: keyed(key) },
          body,
        }),
      ),
    (decided) => {
      cache.setQueryData(["batch", batch.id], { ...decided, report: decided.report ?? batch.report });
      cache.invalidateQueries({ queryKey: ["batches", batch.dataset] });
    },
  );
  const own = session.posts?.some((post) => post.department === props.provider);
  if (!own || !may(session, "decide", "batch")) return null;
  const say = (decision: "release" | "drop") =>
    form.validateFields().then(
      ({ reason }) => decide.mutate({ decision, reason }),
      () => undefined,
    );
  return (
    <Card title={t("ingest.decide")}>
      <Form form={form} layout="vertical">
        <Form.Item
          name="reason"
          label={t("ingest.reason")}
          rules={[{ required: true, message: t("app.required", { what: t("ingest.reason") }) }]}
        >
          <Input maxLength={1000} />
        </Form.Item>
        <div className="row">
          <Button type="primary" loading={decide.isPending} onClick={() => say("release")}>
            {t("ingest.release")}
          </Button>
          <Button danger loading={decide.isPending} onClick={() => say("drop")}>
            {t("ingest.drop")}
          </Button>
        </div>
      </Form>
      {decide.error && <ProblemView error={decide.error} />}
    </Card>
  );
}

type Part = { report: Report; dataset: Dataset | undefined };

function useFieldName(dataset: Dataset | undefined) {
  const { language } = useLabels();
  return (id: string) => nameIn(dataset?.fields.find((field) => field.id === id)?.title, language) || id;
}

function useRuleName(dataset: Dataset | undefined) {
  const { language } = useLabels();
  return (id: string) => nameIn(dataset?.rules?.find((rule) => rule.id === id)?.title, language) || id;
}

function Alarms(props: Part) {
  const { t } = useTranslation();
  const { language } = useLabels();
  const fieldName = useFieldName(props.dataset);
  if (props.report.alarms.length === 0) return null;
  const figure = (value: number) => formatNumber(value, language, 4);
  return (
    <Card title={t("ingest.alarms")}>
      <ul>
        {props.report.alarms.map((alarm) => (
          <li key={`${alarm.field} ${alarm.figure}`}>
            {t("ingest.alarm", {
              what: alarm.field ? fieldName(alarm.field) : t("ingest.whole"),
              figure: t(`ingest.figure_${alarm.figure}`, { defaultValue: alarm.figure }),
              value: figure(alarm.value),
              median: figure(alarm.median),
              bound: figure(alarm.bound),
            })}
          </li>
        ))}
      </ul>
    </Card>
  );
}

/** "row 7, 12, 90": where to look. */
function Lines(props: { lines: readonly number[] }) {
  const { t } = useTranslation();
  if (props.lines.length === 0) return null;
  return <span className="fine"> {t("ingest.lines", { lines: props.lines.join("、") })}</span>;
}

function FieldTable(props: Part) {
  const { t } = useTranslation();
  const { language } = useLabels();
  const fieldName = useFieldName(props.dataset);
  const number = (value: number) => formatNumber(value, language);
  type Row = Report["fields"][number];
  const columns: Column<Row>[] = [
    { key: "field", title: t("catalog.field"), head: true, render: (row) => fieldName(row.field) },
    { key: "missing", title: t("ingest.missing"), align: "end", render: (row) => number(row.missing) },
    { key: "different", title: t("ingest.different"), align: "end", render: (row) => number(row.different) },
    {
      key: "mistakes",
      title: t("ingest.mistakes"),
      render: (row) => {
        const found = Object.entries(row.mistakes);
        if (found.length === 0) return "—";
        return (
          <ul>
            {found.map(([rule, count]) => (
              <li key={rule}>
                {t(`ingest.rule_${rule}`, { defaultValue: rule })}: {number(count)}
                <Lines lines={row.lines[rule] ?? []} />
              </li>
            ))}
          </ul>
        );
      },
    },
  ];
  return (
    <Card title={t("ingest.by_field")}>
      <DataTable
        label={t("ingest.by_field")}
        columns={columns}
        rows={props.report.fields}
        rowKey={(row) => row.field}
      />
    </Card>
  );
}

function Rules(props: Part) {
  const { t } = useTranslation();
  const { language } = useLabels();
  const ruleName = useRuleName(props.dataset);
  type Row = Report["rules"][number];
  const number = (value: number) => formatNumber(value, language);
  if (props.report.rules.length === 0) return null;
  const columns: Column<Row>[] = [
    { key: "rule", title: t("ingest.rule"), head: true, render: (row) => ruleName(row.id) },
    {
      key: "broken",
      title: t("ingest.broken"),
      render: (row) => (
        <>
          {number(row.broken)}
          <Lines lines={row.lines} />
        </>
      ),
    },
    { key: "unknown", title: t("ingest.unknown"), align: "end", render: (row) => number(row.unknown) },
    {
      key: "rejects",
      title: t("ingest.rejects"),
      render: (row) => t(row.rejects ? "app.yes" : "app.no"),
    },
  ];
  return (
    <Card title={t("catalog.rules")}>
      <DataTable label={t("catalog.rules")} columns={columns} rows={props.report.rules} rowKey={(row) => row.id} />
    </Card>
  );
}

function WorstRows(props: Part) {
  const { t } = useTranslation();
  const fieldName = useFieldName(props.dataset);
  const ruleName = useRuleName(props.dataset);
  type Row = Report["worst_rows"][number];
  const columns: Column<Row>[] = [
    { key: "line", title: t("ingest.line"), head: true, render: (row) => row.line },
    {
      key: "flaws",
      title: t("ingest.mistakes"),
      render: (row) =>
        row.flaws
          .map((flaw) =>
            flaw.rule_id
              ? ruleName(flaw.rule_id)
              : `${fieldName(flaw.field ?? "")}: ${t(`ingest.rule_${flaw.rule}`, { defaultValue: flaw.rule })}`,
          )
          .join("；"),
    },
  ];
  return (
    <Card title={t("ingest.worst")}>
      {props.report.worst_rows.length === 0 ? (
        <Empty title={t("ingest.no_mistakes")} />
      ) : (
        <DataTable
          label={t("ingest.worst")}
          columns={columns}
          rows={props.report.worst_rows}
          rowKey={(row) => String(row.line)}
        />
      )}
    </Card>
  );
}

function Unreadable(props: { report: Report }) {
  const { t } = useTranslation();
  const { unreadable } = props.report;
  if (unreadable.rows === 0) return null;
  return (
    <Card title={t("ingest.unreadable")}>
      <ul>
        {Object.entries(unreadable.kinds).map(([kind, count]) => (
          <li key={kind}>
            {kind}: {count}
            <Lines lines={unreadable.first.filter((row) => row.kind === kind).map((row) => row.line)} />
          </li>
        ))}
      </ul>
    </Card>
  );
}
