import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Checkbox, Drawer, Form, Input, Radio } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api, ask, askWhole } from "../../../shared/api";
import { nameIn } from "../../../shared/format";
import { datasetPath, useDatasetQuery } from "../data/catalog";
import { type Correction, ownDepartments, useBasisToCorrect } from "../data/exchange";
import { usePages } from "../data/pages";
import { useSession } from "../data/session";
import { useLabels } from "../data/words";
import { keyed, useWrite } from "../data/writing";
import { type Column, DataTable, PagedList } from "../parts/data_table";
import { Due } from "../parts/due";
import { Answered, Card, Empty, PageFrame } from "../parts/page";
import { ProblemView } from "../parts/problem_view";
import { Time } from "../parts/time";

const stateClass = { submitted: "masked", accepted: "good", refused: "refused", overtaken: "calm" } as const;

/** Values that are said to be wrong: those of the own datasets, and those that the own department asked about. */
export default function CorrectionsPage() {
  const { t } = useTranslation();
  const session = useSession();
  const department = ownDepartments(session)[0];
  const [open, setOpen] = useState(false);
  const [chosen, setChosen] = useState<Correction>();
  const corrections = usePages<Correction>(["corrections", department, open], (cursor) =>
    ask(
      api.GET("/api/v1/exchange/corrections", {
        params: { query: { department, open: open || undefined, cursor, limit: 50 } },
      }),
    ),
  );
  return (
    <PageFrame title={t("exchange.corrections")} lead={t("exchange.corrections_lead")}>
      <Card>
        <div className="filter">
          <Checkbox checked={open} onChange={(event) => setOpen(event.target.checked)}>
            {t("exchange.only_open")}
          </Checkbox>
        </div>
        <PagedList
          of={corrections}
          empty={<Empty title={t("exchange.corrections_none")} hint={t("exchange.corrections_none_hint")} />}
        >
          <CorrectionTable rows={corrections.items} onOpen={setChosen} />
        </PagedList>
      </Card>
      <Drawer
        open={chosen !== undefined}
        onClose={() => setChosen(undefined)}
        title={t("exchange.corrections")}
        size={520}
        destroyOnHidden
      >
        {chosen && <CorrectionPanel id={chosen.id} onDone={() => setChosen(undefined)} />}
      </Drawer>
    </PageFrame>
  );
}

function CorrectionTable(props: { rows: Correction[]; onOpen: (one: Correction) => void }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const datasetName = (one: Correction) => nameIn(one.dataset_title, labels.language) || one.dataset;
  const fieldName = (one: Correction) => nameIn(one.field_title, labels.language) || one.field;
  const columns: Column<Correction>[] = [
    {
      key: "dataset",
      title: t("exchange.dataset"),
      head: true,
      render: (one) => <Link to={datasetPath(one.dataset)}>{datasetName(one)}</Link>,
    },
    { key: "field", title: t("exchange.field"), render: (one) => fieldName(one) },
    {
      key: "from",
      title: t("exchange.from"),
      render: (one) => (one.department ? labels.department(one.department) : t("exchange.person")),
    },
    { key: "owner", title: t("exchange.owner"), render: (one) => labels.department(one.owner) },
    {
      key: "state",
      title: t("exchange.state"),
      render: (one) => (
        <span className={`badge ${stateClass[one.state]}`}>{t(`exchange.correction_${one.state}`)}</span>
      ),
    },
    { key: "asked", title: t("exchange.asked_at"), render: (one) => <Time at={one.asked} /> },
    { key: "due", title: t("exchange.due"), render: (one) => <Due of={one} /> },
    {
      key: "open",
      title: t("exchange.open"),
      plain: true,
      render: (one) => (
        <Button
          size="small"
          aria-label={t("exchange.open_of", { name: `${datasetName(one)} ${fieldName(one)}` })}
          onClick={() => props.onOpen(one)}
        >
          {t("exchange.open")}
        </Button>
      ),
    },
  ];
  return <DataTable label={t("exchange.corrections")} columns={columns} rows={props.rows} rowKey={(one) => one.id} />;
}

function CorrectionPanel(props: { id: string; onDone: () => void }) {
  const { t } = useTranslation();
  const session = useSession();
  const labels = useLabels();
  const basis = useBasisToCorrect();
  const reading = useQuery({
    queryKey: ["correction", props.id],
    queryFn: async () => {
      const { data, response } = await askWhole(
        api.GET("/api/v1/exchange/corrections/{correction}", { params: { path: { correction: props.id } } }),
      );
      return { ...data, etag: response.headers.get("ETag") ?? undefined };
    },
    staleTime: 0,
  });
  const words = useQuery({
    queryKey: ["correction_words", props.id, basis],
    queryFn: () =>
      ask(
        api.GET("/api/v1/exchange/corrections/{correction}/words", {
          params: { path: { correction: props.id }, query: { basis: basis ?? "" } },
        }),
      ),
    enabled: basis !== undefined,
    staleTime: 0,
  });
  const one = reading.data;
  const dataset = useDatasetQuery(one?.dataset ?? "").data?.dataset;
  const answers = one?.state === "submitted" && ownDepartments(session).includes(one.answers ?? one.owner);
  const field = dataset?.fields.find((known) => known.id === one?.field);
  return (
    <Answered of={reading}>
      {one && (
        <>
          <p className="fine">{t("exchange.words_note")}</p>
          <dl className="facts">
            <dt>{t("exchange.dataset")}</dt>
            <dd>{dataset ? nameIn(dataset.title, labels.language) : one.dataset}</dd>
            <dt>{t("exchange.field")}</dt>
            <dd>{nameIn(field?.title, labels.language) || one.field}</dd>
            <dt>{t("exchange.state")}</dt>
            <dd>
              {t(`exchange.correction_${one.state}`)}
              {one.way && ` · ${t(`exchange.way_${one.way}`)}`}
            </dd>
          </dl>
          {one.state === "submitted" && one.held && (
            <p className={`notice ${one.held === "same" ? "" : "amber"}`}>{t(`exchange.held_${one.held}`)}</p>
          )}
          <Answered of={words}>{words.data && <Proposal words={words.data} />}</Answered>
          {answers && <DecisionForm id={one.id} etag={one.etag} onDone={props.onDone} />}
        </>
      )}
    </Answered>
  );
}

function Proposal(props: { words: { proposed: string; reason: string; answer?: string } }) {
  const { t } = useTranslation();
  const { words } = props;
  return (
    <dl className="facts">
      <dt>{t("exchange.proposed")}</dt>
      <dd>{words.proposed}</dd>
      <dt>{t("exchange.correct_why")}</dt>
      <dd>{words.reason}</dd>
      {words.answer && (
        <>
          <dt>{t("exchange.answer")}</dt>
          <dd>{words.answer}</dd>
        </>
      )}
    </dl>
  );
}

type Written = { decision: "accept" | "refuse"; way: "batch" | "mark"; answer?: string };

function DecisionForm(props: { id: string; etag: string | undefined; onDone: () => void }) {
  const { t } = useTranslation();
  const cache = useQueryClient();
  const [form] = Form.useForm<Written>();
  const decision = Form.useWatch("decision", form);
  const settled = () => {
    cache.invalidateQueries({ queryKey: ["corrections"] });
    cache.invalidateQueries({ queryKey: ["correction", props.id] });
  };
  const decide = useWrite(
    ({ way, ...written }: Written, key) =>
      ask(
        api.POST("/api/v1/exchange/corrections/{correction}/decision", {
          params: { path: { correction: props.id }, header: { ...keyed(key), "If-Match": props.etag } },
          body: written.decision === "accept" ? { ...written, way } : written,
        }),
      ),
    () => {
      settled();
      props.onDone();
    },
  );
  const refuses = decision === "refuse";
  return (
    <Form<Written>
      form={form}
      layout="vertical"
      initialValues={{ decision: "accept", way: "batch" }}
      onFinish={(written) => decide.mutate(written)}
    >
      <Form.Item name="decision" label={t("exchange.outcome")}>
        <Radio.Group
          options={(["accept", "refuse"] as const).map((one) => ({ value: one, label: t(`exchange.${one}`) }))}
        />
      </Form.Item>
      {!refuses && (
        <Form.Item name="way" label={t("exchange.way")}>
          <Radio.Group
            options={(["batch", "mark"] as const).map((one) => ({ value: one, label: t(`exchange.way_${one}`) }))}
          />
        </Form.Item>
      )}
      <Form.Item
        name="answer"
        label={t("exchange.answer")}
        rules={[{ required: refuses, whitespace: refuses, message: t("app.required", { what: t("exchange.answer") }) }]}
      >
        <Input.TextArea maxLength={1000} rows={3} />
      </Form.Item>
      {decide.error && <ProblemView error={decide.error} onRetry={settled} />}
      <Button type="primary" htmlType="submit" loading={decide.isPending}>
        {t("exchange.answer")}
      </Button>
    </Form>
  );
}
