import { Button, Form, Input, Select } from "antd";
import { useTranslation } from "react-i18next";
import { nameIn } from "../../../shared/format";
import type { Dataset } from "../data/catalog";
import { type Conditions, type DataRequest, dayOf, endOfDay } from "../data/exchange";
import { useLabels } from "../data/words";
import { Card } from "../parts/page";
import { RowFields, rowsOf, type WrittenRow } from "../parts/row_fields";
import { LimitFields } from "./request_form";

const ways = ["whole", "masked", "not"] as const;
type Way = (typeof ways)[number];
type Written = {
  fields: Record<string, Way>;
  rows?: WrittenRow[];
  until: string;
  per_minute: number;
  per_day: number;
  reason?: string;
};

/** What the owner opens: what was asked for, or less. */
export function ApprovalForm(props: {
  request: DataRequest;
  dataset: Dataset;
  busy: boolean;
  onApprove: (conditions: Conditions, reason?: string) => void;
}) {
  const { t } = useTranslation();
  const { language } = useLabels();
  const { wanted } = props.request;
  const lastDay = dayOf(new Date(wanted.until));
  const start = {
    fields: Object.fromEntries(wanted.fields.map((field) => [field, "whole"])),
    until: lastDay,
    per_minute: wanted.per_minute,
    per_day: wanted.per_day,
  };
  const fieldOf = (id: string) => props.dataset.fields.find((field) => field.id === id);
  const approve = ({ fields, rows, until, reason, ...limits }: Written) =>
    props.onApprove(
      {
        ...limits,
        fields: wanted.fields
          .filter((field) => fields[field] !== "not")
          .map((field) => ({ field, masked: fields[field] === "masked" })),
        rows: rowsOf(rows),
        // The last day is that which was asked for, to the second.
        until: until === lastDay ? wanted.until : endOfDay(until),
      },
      reason || undefined,
    );
  const options = ways.map((way) => ({ value: way, label: t(`exchange.open_${way}`) }));
  return (
    <Card title={t("exchange.decide")}>
      <p className="lead">{t("exchange.decide_note")}</p>
      <Form<Written> layout="vertical" autoComplete="off" initialValues={start} onFinish={approve} scrollToFirstError>
        <div className="form-row">
          {wanted.fields.map((id) => {
            const name = nameIn(fieldOf(id)?.title, language) || id;
            const grade = fieldOf(id)?.grade;
            return (
              <Form.Item
                key={id}
                name={["fields", id]}
                label={
                  <span>
                    {name} {grade && <span className="badge grade">{t("entity.grade", { grade })}</span>}
                  </span>
                }
              >
                <Select options={options} aria-label={t("exchange.open_as", { name })} />
              </Form.Item>
            );
          })}
        </div>
        <RowFields dataset={props.dataset} />
        <LimitFields
          most={{ until: lastDay, per_minute: wanted.per_minute ?? 60, per_day: wanted.per_day ?? 10_000 }}
        />
        <Form.Item name="reason" label={t("exchange.answer_reason")} extra={t("exchange.why_hint")}>
          <Input maxLength={1000} />
        </Form.Item>
        <Button type="primary" htmlType="submit" loading={props.busy}>
          {t("exchange.step_approved")}
        </Button>
      </Form>
    </Card>
  );
}
