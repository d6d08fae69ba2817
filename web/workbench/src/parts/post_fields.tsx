import { Form, Select } from "antd";
import { useTranslation } from "react-i18next";
import { nameIn } from "../../../shared/format";
import { useSession } from "../data/session";
import { useDepartmentsQuery, useLabels } from "../data/words";
import { AreaSelect } from "../pages/area_card";

/** The area of one's own post: where an administrator gives posts most often, and may. */
export function useOwnArea(): string | undefined {
  const session = useSession();
  return session.posts?.find((post) => post.area)?.area;
}

/** Role, department and area of a post, in a form. */
export function PostFields() {
  const { t } = useTranslation();
  const labels = useLabels();
  const departments = useDepartmentsQuery().data ?? [];
  const { language } = labels;
  return (
    <>
      <Form.Item
        name="role"
        label={t("accounts.role")}
        rules={[{ required: true, message: t("app.choose", { what: t("accounts.role") }) }]}
      >
        <Select
          options={labels.words.roles.map((role) => ({ value: role.id, label: nameIn(role, language) }))}
          placeholder={t("app.choose", { what: t("accounts.role") })}
          showSearch={{ optionFilterProp: "label" }}
        />
      </Form.Item>
      <Form.Item name="department" label={t("accounts.department")}>
        <Select
          allowClear
          options={departments.map((one) => ({ value: one.id, label: nameIn(one, language) }))}
          placeholder={t("app.none")}
          showSearch={{ optionFilterProp: "label" }}
        />
      </Form.Item>
      <Form.Item name="area" label={t("accounts.area")}>
        <AreaSelect />
      </Form.Item>
    </>
  );
}
