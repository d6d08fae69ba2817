import { useMutation } from "@tanstack/react-query";
import { App, Button, Form, Input } from "antd";
import { useTranslation } from "react-i18next";
import { api, ask } from "../../../shared/api";
import { formatTime } from "../../../shared/format";
import { forgetReader } from "../data/client";
import { keepSession, useSession } from "../data/session";
import { DisplaySwitches } from "../layout/display_switches";
import { Card, PageFrame } from "../parts/page";
import { ProblemView } from "../parts/problem_view";
import { useSettings } from "../settings";
import { SecondFactor } from "./own_factor";

const shortest = 15;

type Passwords = { current: string; new: string; again: string };

function Password() {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const change = useMutation({
    mutationFn: (form: Passwords) =>
      ask(api.PUT("/api/v1/account/password", { body: { current: form.current, new: form.new } })),
    onSuccess: () => {
      message.success(t("own.changed"));
      forgetReader();
      keepSession(null);
    },
  });
  const needed = (what: string) => ({ required: true, message: t("app.required", { what }) });
  const long = (_rule: unknown, value = "") => {
    const count = [...value].length;
    return value === "" || count >= shortest
      ? Promise.resolve()
      : Promise.reject(new Error(t("own.too_short", { count })));
  };
  return (
    <Card title={t("own.password")}>
      <p className="fine">{t("own.change_note")}</p>
      <Form layout="vertical" onFinish={(form: Passwords) => change.mutate(form)} className="narrow below">
        {change.error && <ProblemView error={change.error} />}
        <Form.Item name="current" label={t("own.current")} rules={[needed(t("own.current"))]}>
          <Input.Password autoComplete="current-password" maxLength={1024} />
        </Form.Item>
        <Form.Item
          name="new"
          label={t("own.new")}
          extra={t("own.rule")}
          validateTrigger="onBlur"
          rules={[needed(t("own.new")), { validator: long }]}
        >
          <Input.Password autoComplete="new-password" maxLength={1024} />
        </Form.Item>
        <Form.Item
          name="again"
          label={t("own.again")}
          dependencies={["new"]}
          validateTrigger="onBlur"
          rules={[
            needed(t("own.again")),
            ({ getFieldValue }) => ({
              validator: (_rule, value) =>
                !value || value === getFieldValue("new")
                  ? Promise.resolve()
                  : Promise.reject(new Error(t("own.mismatch"))),
            }),
          ]}
        >
          <Input.Password autoComplete="new-password" maxLength={1024} />
        </Form.Item>
        <Button type="primary" htmlType="submit" loading={change.isPending}>
          {t("own.change")}
        </Button>
      </Form>
    </Card>
  );
}

export default function OwnPage() {
  const { t } = useTranslation();
  const session = useSession();
  const { language } = useSettings();
  return (
    <PageFrame title={t("own.title")}>
      <Card title={t("own.session")}>
        <dl className="facts">
          <dt>{t("accounts.name")}</dt>
          <dd>{session.name}</dd>
          <dt>{t("entity.id")}</dt>
          <dd>
            <code>{session.account}</code>
          </dd>
          <dt>{t("home.factor")}</dt>
          <dd>{t(session.stage === "two_factors" ? "home.two_factors" : "home.one_factor")}</dd>
          <dt>{t("own.session")}</dt>
          <dd>{t("home.ends", { time: formatTime(session.ends, language) })}</dd>
          <dt>{t("own.display")}</dt>
          <dd>
            <DisplaySwitches />
          </dd>
        </dl>
      </Card>
      <SecondFactor />
      <Password />
    </PageFrame>
  );
}
