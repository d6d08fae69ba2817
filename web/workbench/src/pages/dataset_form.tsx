import { Button, Checkbox, Form, type FormInstance, Input, InputNumber, Select } from "antd";
import { useTranslation } from "react-i18next";
import { api, ask } from "../../../shared/api";
import { nameIn } from "../../../shared/format";
import { asTrouble } from "../../../shared/trouble";
import {
  cycles,
  type Dataset,
  type DatasetField,
  type Element,
  type Listed,
  opennesses,
  type Read,
  sharings,
  useElementsQuery,
  valueTypes,
  withoutEmpty,
} from "../data/catalog";
import { useSession } from "../data/session";
import { useDepartmentsQuery, useLabels } from "../data/words";
import { keyed, useWrite } from "../data/writing";
import { ProblemView } from "../parts/problem_view";

const beginning: Partial<Dataset> = {
  format: "csv",
  sharing: "conditional",
  openness: "not_open",
  cycle: "daily",
  fields: [{ id: "", title: { zh: "", en: "" }, type: "text", grade: 2, key: true, required: true }],
};

/** A declaration as the interface takes it: what does not belong to its sharing and openness is left out. */
function declarationOf(form: Dataset, before: Dataset | undefined): Dataset {
  return withoutEmpty({
    ...before,
    ...form,
    sharing_condition: form.sharing === "conditional" ? form.sharing_condition : undefined,
    basis: form.sharing === "unconditional" ? undefined : form.basis,
    open_condition: form.openness === "on_request" ? form.open_condition : undefined,
    fields: form.fields.map((field) => withoutEmpty(field)),
  });
}

/** Declares a dataset, or changes one; only if it still is as it is shown. */
export function DatasetForm(props: { read?: Read; onDone: (listed: Listed) => void }) {
  const { t } = useTranslation();
  const [form] = Form.useForm<Dataset>();
  const own = useOwnDepartments();
  const before = props.read?.dataset;
  const declare = useWrite((body: Dataset, key) => {
    const { read } = props;
    if (!read) return ask(api.POST("/api/v1/catalog/datasets", { params: { header: keyed(key) }, body }));
    return ask(
      api.PUT("/api/v1/catalog/datasets/{dataset}", {
        params: { path: { dataset: body.id }, header: { ...keyed(key), "If-Match": read.etag } },
        body,
      }),
    );
  }, props.onDone);
  return (
    <Form<Dataset>
      form={form}
      layout="vertical"
      autoComplete="off"
      initialValues={before ?? { ...beginning, provider: own[0] }}
      onFinish={(written) => declare.mutate(declarationOf(written, before))}
      scrollToFirstError
    >
      <Entry changing={before !== undefined} />
      <SharingFields />
      <FieldList form={form} />
      {declare.error && <ProblemView error={declare.error} intoView />}
      {asTrouble(declare.error).status === 412 && <p className="notice amber">{t("catalog.changed_elsewhere")}</p>}
      <Button type="primary" htmlType="submit" loading={declare.isPending}>
        {t(before ? "catalog.change" : "catalog.declare")}
      </Button>
    </Form>
  );
}

/** Departments of one's own posts. */
function useOwnDepartments(): string[] {
  const session = useSession();
  return [...new Set(session.posts?.flatMap((post) => post.department ?? []))];
}

function Entry(props: { changing: boolean }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const own = useOwnDepartments();
  const departments = (useDepartmentsQuery().data ?? []).filter((one) => own.includes(one.id));
  const required = (what: string) => [{ required: true, message: t("app.required", { what }) }];
  return (
    <>
      <div className="form-row">
        <Form.Item name="id" label={t("catalog.id")} extra={t("catalog.id_hint")} rules={required(t("catalog.id"))}>
          <Input className="mono" maxLength={64} disabled={props.changing} />
        </Form.Item>
        <Form.Item
          name="code"
          label={t("catalog.code")}
          extra={t("catalog.code_hint")}
          rules={required(t("catalog.code"))}
        >
          <Input className="mono" maxLength={64} />
        </Form.Item>
        <Form.Item name="provider" label={t("catalog.provider")} rules={required(t("catalog.provider"))}>
          <Select
            disabled={props.changing}
            options={departments.map((one) => ({ value: one.id, label: nameIn(one, labels.language) }))}
          />
        </Form.Item>
      </div>
      <div className="form-row">
        <Form.Item name={["title", "zh"]} label={t("catalog.title_zh")} rules={required(t("catalog.title_zh"))}>
          <Input maxLength={60} />
        </Form.Item>
        <Form.Item name={["title", "en"]} label={t("catalog.title_en")} rules={required(t("catalog.title_en"))}>
          <Input maxLength={120} />
        </Form.Item>
      </div>
      <Form.Item name="summary" label={t("catalog.summary")} rules={required(t("catalog.summary"))}>
        <Input.TextArea rows={2} maxLength={1000} />
      </Form.Item>
      <div className="form-row">
        <Form.Item name="format" label={t("catalog.format")} rules={required(t("catalog.format"))}>
          <Input maxLength={60} />
        </Form.Item>
        <Form.Item name="source_system" label={t("catalog.source_system")}>
          <Input maxLength={60} />
        </Form.Item>
        <Form.Item name="cycle" label={t("catalog.cycle")}>
          <Select options={cycles.map((one) => ({ value: one, label: t(`catalog.cycle_${one}`) }))} />
        </Form.Item>
      </div>
    </>
  );
}

function SharingFields() {
  const { t } = useTranslation();
  const labels = useLabels();
  const sharing = Form.useWatch<string>("sharing");
  const openness = Form.useWatch<string>("openness");
  const required = (what: string) => [{ required: true, message: t("app.required", { what }) }];
  return (
    <>
      <div className="form-row">
        <Form.Item name="sharing" label={t("catalog.sharing")}>
          <Select options={sharings.map((one) => ({ value: one, label: t(`catalog.sharing_${one}`) }))} />
        </Form.Item>
        <Form.Item name="openness" label={t("catalog.openness")}>
          <Select options={opennesses.map((one) => ({ value: one, label: t(`catalog.openness_${one}`) }))} />
        </Form.Item>
      </div>
      {sharing === "conditional" && (
        <Form.Item
          name="sharing_condition"
          label={t("catalog.sharing_condition")}
          rules={required(t("catalog.sharing_condition"))}
        >
          <Input.TextArea rows={2} maxLength={1000} />
        </Form.Item>
      )}
      {sharing !== "unconditional" && (
        <Form.Item
          name="basis"
          label={t("catalog.basis")}
          rules={sharing === "not_shared" ? required(t("catalog.basis")) : []}
        >
          <Select
            allowClear
            options={labels.words.bases.map((one) => ({ value: one.id, label: labels.basis(one.id) }))}
          />
        </Form.Item>
      )}
      {openness === "on_request" && (
        <Form.Item
          name="open_condition"
          label={t("catalog.open_condition")}
          rules={required(t("catalog.open_condition"))}
        >
          <Input.TextArea rows={2} maxLength={1000} />
        </Form.Item>
      )}
    </>
  );
}

function FieldList(props: { form: FormInstance<Dataset> }) {
  const { t } = useTranslation();
  const elements = useElementsQuery().data ?? [];
  return (
    <Form.List name="fields">
      {(fields, { add, remove }) => (
        <>
          <h2>{t("catalog.fields")}</h2>
          {fields.map((field, index) => (
            <fieldset key={field.key} className="field-group">
              <legend>{t("catalog.field_number", { number: index + 1 })}</legend>
              <FieldInputs at={field.name} form={props.form} elements={elements} />
              {fields.length > 1 && (
                <Button
                  size="small"
                  danger
                  onClick={() => remove(field.name)}
                  aria-label={`${t("catalog.remove_field")} ${index + 1}`}
                >
                  {t("catalog.remove_field")}
                </Button>
              )}
            </fieldset>
          ))}
          <p>
            <Button onClick={() => add({ type: "text", grade: 2 })}>{t("catalog.add_field")}</Button>
          </p>
        </>
      )}
    </Form.List>
  );
}

function FieldInputs(props: { at: number; form: FormInstance<Dataset>; elements: Element[] }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const { at, form, elements } = props;
  const required = (what: string) => [{ required: true, message: t("app.required", { what }) }];
  // What a fact is stands in its standard: type, grade and titles come from there.
  const keepTo = (id: string | undefined) => {
    const element = elements.find((one) => one.id === id);
    if (!element) return;
    const now: DatasetField = form.getFieldValue(["fields", at]);
    form.setFieldValue(["fields", at], {
      ...now,
      id: now.id || element.id,
      title: now.title?.zh ? now.title : { zh: element.zh, en: element.en },
      type: element.type,
      grade: Math.max(now.grade ?? 1, element.grade),
    });
  };
  return (
    <>
      <div className="form-row">
        <Form.Item name={[at, "element"]} label={t("catalog.element")}>
          <Select
            allowClear
            placeholder={t("catalog.no_element")}
            showSearch={{ optionFilterProp: "label" }}
            options={elements.map((one) => ({ value: one.id, label: nameIn(one, labels.language) }))}
            onChange={keepTo}
          />
        </Form.Item>
        <Form.Item name={[at, "id"]} label={t("catalog.field_id")} rules={required(t("catalog.field_id"))}>
          <Input className="mono" maxLength={64} />
        </Form.Item>
        <Form.Item name={[at, "column"]} label={t("catalog.column")}>
          <Input maxLength={60} />
        </Form.Item>
      </div>
      <div className="form-row">
        <Form.Item name={[at, "title", "zh"]} label={t("catalog.title_zh")} rules={required(t("catalog.title_zh"))}>
          <Input maxLength={60} />
        </Form.Item>
        <Form.Item name={[at, "title", "en"]} label={t("catalog.title_en")} rules={required(t("catalog.title_en"))}>
          <Input maxLength={120} />
        </Form.Item>
        <Form.Item name={[at, "type"]} label={t("catalog.type")}>
          <Select options={valueTypes.map((one) => ({ value: one, label: t(`catalog.type_${one}`) }))} />
        </Form.Item>
        <Form.Item name={[at, "grade"]} label={t("catalog.grade")} rules={required(t("catalog.grade"))}>
          <InputNumber min={1} max={5} />
        </Form.Item>
      </div>
      <div className="row form-checks">
        <Form.Item name={[at, "key"]} valuePropName="checked" noStyle>
          <Checkbox>{t("catalog.key")}</Checkbox>
        </Form.Item>
        <Form.Item name={[at, "required"]} valuePropName="checked" noStyle>
          <Checkbox>{t("catalog.required")}</Checkbox>
        </Form.Item>
      </div>
      <Form.Item name={[at, "collected_because"]} label={t("catalog.because")} extra={t("catalog.because_hint")}>
        <Input maxLength={1000} />
      </Form.Item>
    </>
  );
}
