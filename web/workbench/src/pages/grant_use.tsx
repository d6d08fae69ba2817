import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, Drawer, Form, Input, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, type Schemas } from "../../../shared/api";
import { nameIn } from "../../../shared/format";
import type { Dataset } from "../data/catalog";
import type { DataRequest } from "../data/exchange";
import { useLabels } from "../data/words";
import { CopyButton } from "../parts/copy";
import { type Column, DataTable } from "../parts/data_table";
import { Card, Empty } from "../parts/page";
import { ProblemView } from "../parts/problem_view";
import { type Claimed, CorrectionForm } from "./correction_form";

/** What was told, out of the text that is signed. */
type Told = {
  fields: { field: string; masked: boolean }[];
  rows: (string | null)[][];
  more: boolean;
};
type Row = { place: number; cells: (string | null)[] };
type Answer = Schemas["GrantAnswer"];

// Values by which the vault finds rows.
const lookUpTypes = ["id_number", "credit_code", "phone", "person_name"];
const byKey = "";

/** Rows under a grant, and what is wrong with them. */
export function GrantUse(props: { request: DataRequest; dataset: Dataset }) {
  const { t } = useTranslation();
  const cache = useQueryClient();
  const { language } = useLabels();
  const { request, dataset } = props;
  const [claimed, setClaimed] = useState<Claimed>();
  const [form] = Form.useForm<{ by: string; values: string[] }>();
  const by = Form.useWatch("by", form) ?? byKey;
  const keys = dataset.fields.filter((field) => field.key);
  const open = new Set(request.conditions?.fields.filter((one) => !one.masked).map((one) => one.field));
  const found = dataset.fields.filter((field) => open.has(field.id) && lookUpTypes.includes(field.type));
  const asked = by === byKey ? keys : dataset.fields.filter((field) => field.id === by);
  const named = (field: { id: string; title: { zh: string; en: string } }) => nameIn(field.title, language) || field.id;
  const use = useMutation({
    mutationFn: (written: { by: string; values: string[] }) =>
      ask(
        api.POST("/api/v1/exchange/requests/{request}/rows", {
          params: { path: { request: request.id } },
          body: written.by === byKey ? { keys: [written.values] } : { by: written.by, value: written.values[0] },
        }),
      ),
    onSettled: () => {
      for (const list of ["grant_days", "grant_calls"]) cache.invalidateQueries({ queryKey: [list, request.id] });
    },
  });
  const ways = [
    { value: byKey, label: t("exchange.use_key", { name: keys.map(named).join("、") }) },
    ...found.map((field) => ({ value: field.id, label: named(field) })),
  ];
  return (
    <Card title={t("exchange.use")}>
      <p className="lead">{t("exchange.use_note")}</p>
      <Form form={form} layout="vertical" initialValues={{ by: byKey }} onFinish={(written) => use.mutate(written)}>
        <div className="form-row">
          <Form.Item name="by" label={t("exchange.use_by")}>
            <Select options={ways} onChange={() => form.resetFields(["values"])} />
          </Form.Item>
          {asked.map((field, place) => (
            <Form.Item
              key={field.id}
              name={["values", place]}
              label={named(field)}
              rules={[{ required: true, message: t("app.required", { what: named(field) }) }]}
            >
              <Input maxLength={200} />
            </Form.Item>
          ))}
        </div>
        <Button type="primary" htmlType="submit" loading={use.isPending}>
          {t("exchange.use_go")}
        </Button>
      </Form>
      {use.error && <ProblemView error={use.error} intoView />}
      {use.data && (
        <UseAnswer
          answer={use.data}
          dataset={dataset}
          onWrong={(field, seen, key) => setClaimed({ dataset, field, seen, key, grant: request.id })}
          keyOf={(row, told) => keyOf(row, told, keys, use.variables)}
        />
      )}
      <WrongDrawer claimed={claimed} onClose={() => setClaimed(undefined)} />
    </Card>
  );
}

function WrongDrawer(props: { claimed: Claimed | undefined; onClose: () => void }) {
  const { t } = useTranslation();
  const { claimed, onClose } = props;
  return (
    <Drawer open={claimed !== undefined} onClose={onClose} title={t("exchange.correct")} size={460} destroyOnHidden>
      {claimed && <CorrectionForm claimed={claimed} onDone={onClose} />}
    </Drawer>
  );
}

/** The key of a row: as it was told, or as it was asked for. */
function keyOf(
  row: Row,
  told: Told,
  keys: readonly { id: string }[],
  asked: { by: string; values: string[] } | undefined,
): string[] | undefined {
  if (asked?.by === byKey) return asked.values;
  const values = keys.map((key) => {
    const at = told.fields.findIndex((one) => one.field === key.id && !one.masked);
    return at < 0 ? null : row.cells[at];
  });
  return values.every((value) => value !== null && value !== undefined) ? (values as string[]) : undefined;
}

function UseAnswer(props: {
  answer: Answer;
  dataset: Dataset;
  onWrong: (field: string, seen: string, key: string[]) => void;
  keyOf: (row: Row, told: Told) => string[] | undefined;
}) {
  const { t } = useTranslation();
  const { language } = useLabels();
  const { answer } = props;
  const told = JSON.parse(answer.answer) as Told;
  const rows = told.rows.map((cells, place) => ({ place, cells }));
  const nameOf = (id: string) => nameIn(props.dataset.fields.find((one) => one.id === id)?.title, language) || id;
  const marked = (row: Row, field: string) =>
    answer.marked.find((one) => one.row === row.place)?.fields.includes(field);
  const columns: Column<Row>[] = told.fields.map(({ field, masked }, at) => ({
    key: field,
    title: nameOf(field),
    render: (row) => {
      const value = row.cells[at];
      const key = props.keyOf(row, told);
      if (value === null || value === undefined) return "—";
      return (
        <>
          {value} {masked && <span className="badge masked">{t("entity.masked")}</span>}
          {marked(row, field) && <span className="badge bad">{t("exchange.marked")}</span>}
          {!masked && key && (
            <div>
              <button
                type="button"
                className="link"
                aria-label={t("exchange.correct_of", { name: `${nameOf(field)} ${value}` })}
                onClick={() => props.onWrong(field, value, key)}
              >
                {t("exchange.correct")}
              </button>
            </div>
          )}
        </>
      );
    },
  }));
  return (
    <div className="below" aria-live="polite">
      {rows.length === 0 ? (
        <Empty title={t("exchange.use_none")} />
      ) : (
        <DataTable label={t("exchange.use")} columns={columns} rows={rows} rowKey={(row) => String(row.place)} />
      )}
      {told.more && <p className="notice amber">{t("exchange.use_more")}</p>}
      {answer.refused.length > 0 && (
        <p className="fine">
          {t("exchange.use_refused")}:{" "}
          {answer.refused.map((one) => `${nameOf(one.field)}（${language === "zh" ? one.zh : one.en}）`).join("；")}
        </p>
      )}
      <p className="fine">
        {t("exchange.use_entry")} <code>{answer.entry}</code>
      </p>
      <details>
        <summary>{t("exchange.use_statement")}</summary>
        <pre className="text">{answer.statement}</pre>
        <CopyButton text={answer.statement} />
      </details>
    </div>
  );
}
