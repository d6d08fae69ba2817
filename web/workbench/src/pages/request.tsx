import { useQueryClient } from "@tanstack/react-query";
import { Button, Form, Input, Popconfirm } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { api, ask, type Schemas } from "../../../shared/api";
import { nameIn } from "../../../shared/format";
import { type Dataset, datasetPath, useDatasetQuery } from "../data/catalog";
import {
  type DataRequest,
  ownDepartments,
  type ReadRequest,
  type RowCondition,
  type Step,
  useRequestQuery,
} from "../data/exchange";
import { useSession } from "../data/session";
import { useLabels } from "../data/words";
import { keyed, useWrite } from "../data/writing";
import { Due } from "../parts/due";
import { Answered, Card, PageFrame } from "../parts/page";
import { ProblemView } from "../parts/problem_view";
import { Time } from "../parts/time";
import { GrantFiles } from "./grant_files";
import { GrantUsage } from "./grant_usage";
import { GrantUse } from "./grant_use";
import { ApprovalForm } from "./request_approval";
import { RequestStateBadge } from "./requests";

/** One request: what is asked for, how it goes on, and the use of what was granted. */
export default function RequestPage() {
  const { t } = useTranslation();
  const session = useSession();
  const labels = useLabels();
  const { id = "" } = useParams();
  const reading = useRequestQuery(id);
  const request = reading.data;
  const dataset = useDatasetQuery(request?.wanted.dataset ?? "").data?.dataset;
  const name = dataset ? nameIn(dataset.title, labels.language) : (request?.wanted.dataset ?? id);
  const asks = request !== undefined && ownDepartments(session).includes(request.wanted.department);
  const granted = request?.conditions !== undefined;
  return (
    <PageFrame
      title={request ? t("exchange.ask_for", { name }) : id}
      extra={request && <Link to={datasetPath(request.wanted.dataset)}>{t("exchange.entry_page")}</Link>}
    >
      <Answered of={reading}>
        {request && (
          <>
            <Facts request={request} dataset={dataset} />
            <Steps request={request} dataset={dataset} />
            {asks && request.state === "approved" && dataset && <GrantUse request={request} dataset={dataset} />}
            {granted && <GrantFiles request={request} asks={asks && request.state === "approved"} />}
            {granted && <GrantUsage request={request} />}
          </>
        )}
      </Answered>
    </PageFrame>
  );
}

function Facts(props: { request: DataRequest; dataset: Dataset | undefined }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const { request } = props;
  const { wanted, conditions } = request;
  const whole = wanted.fields.map((field) => ({ field }));
  const lines: [string, ReactNode][] = [
    [t("exchange.state"), <RequestStateBadge key="state" of={request.state} />],
    [t("exchange.due"), request.due && <Due key="due" of={request} />],
    [t("exchange.asker"), `${labels.department(wanted.department)} · ${request.requested_by_name}`],
    [t("exchange.owner"), labels.department(request.owner)],
    [t("exchange.answers"), answersOf(request, labels.department.bind(labels), t("exchange.nobody_answers"))],
    [t("exchange.purpose"), labels.purpose(wanted.purpose)],
    [t("exchange.basis"), labels.basis(wanted.basis)],
    [t("exchange.reason"), wanted.reason],
    [t("exchange.submitted"), request.submitted && <Time at={request.submitted} />],
    [
      t("exchange.decided"),
      request.decided && (
        <span key="decided">
          <Time at={request.decided} /> · {request.decided_by_name ?? t("exchange.by_catalogue")}
        </span>
      ),
    ],
    [t("exchange.answer_reason"), request.reason],
  ];
  return (
    <Card>
      <dl className="facts">{lines.map(([what, value]) => value && <Fact key={what} what={what} value={value} />)}</dl>
      <h2>{t("exchange.wanted")}</h2>
      <Opened fields={whole} of={wanted} dataset={props.dataset} />
      {conditions && (
        <>
          <h2>{t("exchange.opened")}</h2>
          <Opened fields={conditions.fields} of={conditions} dataset={props.dataset} />
        </>
      )}
    </Card>
  );
}

function answersOf(request: DataRequest, name: (id: string) => string, nobody: string): string | undefined {
  if (request.state !== "submitted") return undefined;
  return request.answers ? name(request.answers) : nobody;
}

function Fact(props: { what: string; value: ReactNode }) {
  return (
    <div className="contents">
      <dt>{props.what}</dt>
      <dd>{props.value}</dd>
    </div>
  );
}

type Limits = { rows?: RowCondition[]; until: string; per_minute?: number; per_day?: number };

/** Fields, rows and limits, of a request or of a grant. */
function Opened(props: { fields: Schemas["GrantConditions"]["fields"]; of: Limits; dataset: Dataset | undefined }) {
  const { t } = useTranslation();
  const { language } = useLabels();
  const { of } = props;
  const named = (id: string) => nameIn(props.dataset?.fields.find((field) => field.id === id)?.title, language) || id;
  const rows = (of.rows ?? []).map(
    (row) => `${named(row.field)} ${t(`exchange.${row.kind}`)} ${row.values.join("、")}`,
  );
  return (
    <dl className="facts">
      <Fact
        what={t("exchange.fields")}
        value={
          <span className="row">
            {props.fields.map((one) => (
              <span key={one.field} className={`badge ${one.masked ? "masked" : "calm"}`}>
                {named(one.field)}
                {one.masked && ` · ${t("entity.masked")}`}
              </span>
            ))}
          </span>
        }
      />
      <Fact what={t("exchange.rows")} value={rows.length > 0 ? rows.join("；") : t("exchange.all_rows")} />
      <Fact what={t("exchange.until")} value={<Time at={of.until} />} />
      <Fact what={t("exchange.calls")} value={t("exchange.limits", { minute: of.per_minute, day: of.per_day })} />
    </dl>
  );
}

/** What the reader may do with the request now; the server says what. */
function Steps(props: { request: ReadRequest; dataset: Dataset | undefined }) {
  const { t } = useTranslation();
  const cache = useQueryClient();
  const { request } = props;
  const step = useWrite(
    (body: { step: Step; reason?: string; conditions?: Schemas["GrantConditions"] }, key) =>
      ask(
        api.POST("/api/v1/exchange/requests/{request}/steps", {
          params: { path: { request: request.id }, header: { ...keyed(key), "If-Match": request.etag } },
          body,
        }),
      ),
    () => {
      for (const list of [["request", request.id], ["requests"]]) cache.invalidateQueries({ queryKey: list });
    },
  );
  if (request.steps.length === 0) return null;
  const may = (one: Step) => request.steps.includes(one);
  return (
    <>
      {step.error && <ProblemView error={step.error} intoView />}
      {(may("submitted") || may("withdrawn")) && (
        <Card>
          <div className="row">
            {may("submitted") && (
              <Button type="primary" loading={step.isPending} onClick={() => step.mutate({ step: "submitted" })}>
                {t("exchange.step_submitted")}
              </Button>
            )}
            {may("withdrawn") && (
              <Popconfirm title={t("exchange.withdraw_confirm")} onConfirm={() => step.mutate({ step: "withdrawn" })}>
                <Button>{t("exchange.step_withdrawn")}</Button>
              </Popconfirm>
            )}
          </div>
        </Card>
      )}
      {may("approved") && props.dataset && (
        <ApprovalForm
          request={request}
          dataset={props.dataset}
          busy={step.isPending}
          onApprove={(conditions, reason) => step.mutate({ step: "approved", conditions, reason })}
        />
      )}
      {may("refused") && (
        <ReasonForm step="refused" busy={step.isPending} onSay={(reason) => step.mutate({ step: "refused", reason })} />
      )}
      {may("revoked") && (
        <ReasonForm step="revoked" busy={step.isPending} onSay={(reason) => step.mutate({ step: "revoked", reason })} />
      )}
    </>
  );
}

/** A step that carries its reason. */
function ReasonForm(props: { step: "refused" | "revoked"; busy: boolean; onSay: (reason: string) => void }) {
  const { t } = useTranslation();
  const title = t(`exchange.step_${props.step}`);
  return (
    <Card title={title}>
      <Form<{ reason: string }> layout="vertical" onFinish={({ reason }) => props.onSay(reason)}>
        <Form.Item
          name="reason"
          label={t("exchange.why")}
          extra={t("exchange.why_hint")}
          rules={[{ required: true, whitespace: true, message: t("app.required", { what: t("exchange.why") }) }]}
        >
          <Input maxLength={1000} />
        </Form.Item>
        <Button danger htmlType="submit" loading={props.busy}>
          {title}
        </Button>
      </Form>
    </Card>
  );
}
