import { Button, Form, Input, Select } from "antd";
import { useTranslation } from "react-i18next";
import { nameIn } from "../../../shared/format";
import type { Dataset } from "../data/catalog";
import { listOf, type RowCondition } from "../data/exchange";
import { useLabels } from "../data/words";

/** A condition as a form has it: its values as one text. */
export type WrittenRow = { field: string; kind: RowCondition["kind"]; values: string };

export function rowsOf(written: readonly WrittenRow[] | undefined): RowCondition[] {
  return (written ?? []).map((row) => ({ ...row, values: listOf(row.values) }));
}

/** Which rows, in a form: a list of conditions that all must hold. */
export function RowFields(props: { dataset: Dataset }) {
  const { t } = useTranslation();
  const { language } = useLabels();
  const needed = (what: string) => [{ required: true, message: t("app.required", { what }) }];
  const fields = props.dataset.fields.map((field) => ({ value: field.id, label: nameIn(field.title, language) }));
  const kinds = (["one_of", "within"] as const).map((kind) => ({ value: kind, label: t(`exchange.${kind}`) }));
  return (
    <Form.List name="rows">
      {(rows, { add, remove }) => (
        <fieldset className="field-group">
          <legend>{t("exchange.rows")}</legend>
          {rows.length === 0 && <p className="fine">{t("exchange.all_rows")}</p>}
          {rows.map(({ key, name }) => (
            <div className="form-row" key={key}>
              <Form.Item name={[name, "field"]} label={t("exchange.row_field")} rules={needed(t("exchange.row_field"))}>
                <Select options={fields} showSearch={{ optionFilterProp: "label" }} />
              </Form.Item>
              <Form.Item name={[name, "kind"]} label={t("exchange.row_kind")} initialValue="one_of">
                <Select options={kinds} />
              </Form.Item>
              <Form.Item
                name={[name, "values"]}
                label={t("exchange.row_values")}
                extra={t("exchange.row_values_hint")}
                rules={needed(t("exchange.row_values"))}
              >
                <Input maxLength={2000} />
              </Form.Item>
              <Button onClick={() => remove(name)} aria-label={`${t("exchange.remove_row")} ${name + 1}`}>
                {t("exchange.remove_row")}
              </Button>
            </div>
          ))}
          <Button onClick={() => add()}>{t("exchange.add_row")}</Button>
        </fieldset>
      )}
    </Form.List>
  );
}
