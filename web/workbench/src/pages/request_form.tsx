import { Button, Checkbox, Form, Input, InputNumber, Select } from "antd";
import { useTranslation } from "react-i18next";
import { api, ask } from "../../../shared/api";
import { nameIn } from "../../../shared/format";
import type { Dataset } from "../data/catalog";
import { type DataRequest, dayOf, endOfDay, ownDepartments } from "../data/exchange";
import { useSession } from "../data/session";
import { useLabels } from "../data/words";
import { keyed, useWrite } from "../data/writing";
import { ProblemView } from "../parts/problem_view";
import { RowFields, rowsOf, type WrittenRow } from "../parts/row_fields";

type Written = {
  department: string;
  fields: string[];
  purpose: string;
  basis: string;
  reason: string;
  rows?: WrittenRow[];
  until: string;
  per_minute: number;
  per_day: number;
};

const usualDays = 30;

/** Drafts a request for fields of a dataset. */
export function RequestForm(props: { dataset: Dataset; onDone: (request: DataRequest) => void }) {
  const { t } = useTranslation();
  const session = useSession();
  const labels = useLabels();
  const [form] = Form.useForm<Written>();
  const { dataset } = props;
  const own = ownDepartments(session).filter((one) => one !== dataset.provider);
  const draft = useWrite(
    ({ until, rows, ...written }: Written, key) =>
      ask(
        api.POST("/api/v1/exchange/requests", {
          params: { header: keyed(key) },
          body: { ...written, dataset: dataset.id, rows: rowsOf(rows), until: endOfDay(until) },
        }),
      ),
    props.onDone,
  );
  const needed = (what: string) => [{ required: true, message: t("app.required", { what }) }];
  const start = {
    department: own[0],
    until: dayOf(new Date(Date.now() + usualDays * 86_400_000)),
    per_minute: 60,
    per_day: 1000,
  };
  return (
    <Form<Written>
      form={form}
      layout="vertical"
      autoComplete="off"
      initialValues={start}
      onFinish={(written) => draft.mutate(written)}
      scrollToFirstError
    >
      <p className="lead">{t("exchange.ask_note")}</p>
      {own.length > 1 && (
        <Form.Item name="department" label={t("exchange.asker")} rules={needed(t("exchange.asker"))}>
          <Select options={own.map((one) => ({ value: one, label: labels.department(one) }))} />
        </Form.Item>
      )}
      {own.length === 1 && <Form.Item name="department" hidden noStyle />}
      <FieldChoice dataset={dataset} />
      <GroundFields />
      <Form.Item
        name="reason"
        label={t("exchange.reason")}
        extra={t("exchange.reason_hint")}
        rules={needed(t("exchange.reason"))}
      >
        <Input.TextArea maxLength={1000} rows={3} />
      </Form.Item>
      <RowFields dataset={dataset} />
      <LimitFields />
      {draft.error && <ProblemView error={draft.error} intoView />}
      <Button type="primary" htmlType="submit" loading={draft.isPending}>
        {t("exchange.save")}
      </Button>
    </Form>
  );
}

/** For which purpose, and on which of the legal bases that carry it. */
function GroundFields() {
  const { t } = useTranslation();
  const labels = useLabels();
  const form = Form.useFormInstance<Written>();
  const purpose = Form.useWatch("purpose", form);
  const purposes = labels.words.purposes.filter((one) => labels.basesOf(one.id).length > 0);
  const needed = (what: string) => [{ required: true, message: t("app.required", { what }) }];
  const named = (one: { id: string; zh: string; en?: string }) => ({
    value: one.id,
    label: nameIn(one, labels.language),
  });
  return (
    <div className="form-row">
      <Form.Item name="purpose" label={t("exchange.purpose")} rules={needed(t("exchange.purpose"))}>
        <Select options={purposes.map(named)} onChange={() => form.resetFields(["basis"])} />
      </Form.Item>
      <Form.Item name="basis" label={t("exchange.basis")} rules={needed(t("exchange.basis"))}>
        <Select
          disabled={!purpose}
          options={labels.basesOf(purpose).map((one) => ({ value: one.id, label: labels.basis(one.id) }))}
        />
      </Form.Item>
    </div>
  );
}

/** Which fields are needed, each with its grade. */
function FieldChoice(props: { dataset: Dataset }) {
  const { t } = useTranslation();
  const { language } = useLabels();
  return (
    <fieldset className="field-group">
      <legend>{t("exchange.chosen_fields")}</legend>
      <Form.Item
        name="fields"
        noStyle
        rules={[
          {
            validator: (_rule, fields: string[] = []) =>
              fields.length > 0 ? Promise.resolve() : Promise.reject(new Error(t("exchange.choose_fields"))),
          },
        ]}
      >
        <Checkbox.Group className="form-checks">
          {props.dataset.fields.map((field) => (
            <Checkbox key={field.id} value={field.id}>
              {nameIn(field.title, language)}{" "}
              <span className="badge grade">{t("entity.grade", { grade: field.grade })}</span>
            </Checkbox>
          ))}
        </Checkbox.Group>
      </Form.Item>
      <Form.Item noStyle shouldUpdate>
        {(form) =>
          form.getFieldError("fields").map((error) => (
            <p key={error} role="alert" className="notice amber below">
              {error}
            </p>
          ))
        }
      </Form.Item>
    </fieldset>
  );
}

/** How long and how often, of a request or of what is opened. */
export function LimitFields(props: { most?: { until: string; per_minute: number; per_day: number } }) {
  const { t } = useTranslation();
  const { most } = props;
  const needed = (what: string) => [{ required: true, message: t("app.required", { what }) }];
  return (
    <div className="form-row">
      <Form.Item name="until" label={t("exchange.until")} rules={needed(t("exchange.until"))}>
        <Input type="date" min={dayOf(new Date())} max={most?.until} />
      </Form.Item>
      <Form.Item name="per_minute" label={t("exchange.per_minute")} rules={needed(t("exchange.per_minute"))}>
        <InputNumber min={1} max={most?.per_minute} precision={0} />
      </Form.Item>
      <Form.Item name="per_day" label={t("exchange.per_day")} rules={needed(t("exchange.per_day"))}>
        <InputNumber min={1} max={most?.per_day} precision={0} />
      </Form.Item>
    </div>
  );
}
