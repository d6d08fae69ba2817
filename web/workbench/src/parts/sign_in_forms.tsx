import { LockOutlined, SafetyOutlined, UserOutlined } from "@ant-design/icons";
import { useMutation } from "@tanstack/react-query";
import { Button, Form, Input } from "antd";
import { useTranslation } from "react-i18next";
import { api, ask, type Session } from "../../../shared/api";
import { ProblemView } from "./problem_view";

/** Signing in by password. The password stays in the form when it fails: a slip is mended, not typed anew. */
export function PasswordForm(props: { login?: string; onSession: (session: Session) => void }) {
  const { t } = useTranslation();
  const signIn = useMutation({
    mutationFn: (body: { login: string; password: string }) => ask(api.POST("/api/v1/session", { body })),
    onSuccess: props.onSession,
    meta: { signsIn: true },
  });
  return (
    <Form layout="vertical" onFinish={(body) => signIn.mutate(body)} initialValues={{ login: props.login }}>
      {signIn.error && <ProblemView error={signIn.error} />}
      <Form.Item
        name="login"
        label={t("sign_in.login")}
        rules={[{ required: true, message: t("app.required", { what: t("sign_in.login") }) }]}
      >
        <Input
          size="large"
          prefix={<UserOutlined />}
          autoComplete="username"
          autoFocus={!props.login}
          maxLength={100}
        />
      </Form.Item>
      <Form.Item
        name="password"
        label={t("sign_in.password")}
        rules={[{ required: true, message: t("app.required", { what: t("sign_in.password") }) }]}
      >
        <Input.Password
          size="large"
          prefix={<LockOutlined />}
          autoComplete="current-password"
          autoFocus={Boolean(props.login)}
          maxLength={1024}
        />
      </Form.Item>
      <Button type="primary" size="large" block htmlType="submit" loading={signIn.isPending}>
        {t("sign_in.submit")}
      </Button>
    </Form>
  );
}

/** The second factor's code, for a session that waits for it. */
export function FactorForm(props: { onSession: (session: Session) => void; onOther: () => void }) {
  const { t } = useTranslation();
  const give = useMutation({
    mutationFn: (body: { code: string }) =>
      ask(api.POST("/api/v1/session/second-factor", { body: { code: body.code.replace(/\s/g, "") } })),
    onSuccess: props.onSession,
    meta: { signsIn: true },
  });
  return (
    <Form layout="vertical" onFinish={(body) => give.mutate(body)}>
      <p className="lead">{t("sign_in.factor_lead")}</p>
      {give.error && <ProblemView error={give.error} />}
      <Form.Item
        name="code"
        label={t("sign_in.code")}
        rules={[{ required: true, message: t("app.required", { what: t("sign_in.code") }) }]}
      >
        <Input
          size="large"
          prefix={<SafetyOutlined />}
          autoComplete="one-time-code"
          className="mono"
          maxLength={64}
          autoFocus
        />
      </Form.Item>
      <Button type="primary" size="large" block htmlType="submit" loading={give.isPending}>
        {t("sign_in.factor_submit")}
      </Button>
      <Button type="link" block onClick={props.onOther} className="below">
        {t("sign_in.other_account")}
      </Button>
    </Form>
  );
}
