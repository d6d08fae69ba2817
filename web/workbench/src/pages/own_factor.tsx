import { useMutation } from "@tanstack/react-query";
import { Button, Form, Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask } from "../../../shared/api";
import { client } from "../data/client";
import { sessionKey, useSession } from "../data/session";
import { CopyButton } from "../parts/copy";
import { Card } from "../parts/page";
import { ProblemView } from "../parts/problem_view";
import { QrCode } from "../parts/qr";

type Secret = { secret: string; url: string };
type Step = { at: "start" } | { at: "scan"; secret: Secret } | { at: "codes"; codes: string[] };

/** Sets a second factor up: password, QR code, first code, recovery codes. */
export function SecondFactor() {
  const { t } = useTranslation();
  const session = useSession();
  const [step, setStep] = useState<Step>({ at: "start" });
  const confirmed = (codes: string[]) => {
    setStep({ at: "codes", codes });
    client.invalidateQueries({ queryKey: sessionKey });
  };
  return (
    <Card title={t("own.factor")}>
      <p className="fine">{t("own.factor_lead")}</p>
      {step.at === "start" && (
        <Start on={session.stage === "two_factors"} onSecret={(secret) => setStep({ at: "scan", secret })} />
      )}
      {step.at === "scan" && <Scan secret={step.secret} onConfirmed={confirmed} />}
      {step.at === "codes" && <Codes codes={step.codes} onDone={() => setStep({ at: "start" })} />}
    </Card>
  );
}

function Start(props: { on: boolean; onSecret: (secret: Secret) => void }) {
  const { t } = useTranslation();
  if (props.on) return <p className="notice below">{t("own.factor_on")}</p>;
  return <BeginForm onSecret={props.onSecret} />;
}

function BeginForm(props: { onSecret: (secret: Secret) => void }) {
  const { t } = useTranslation();
  const begin = useMutation({
    mutationFn: (body: { password: string }) => ask(api.POST("/api/v1/account/second-factor", { body })),
    onSuccess: props.onSecret,
  });
  return (
    <Form layout="vertical" onFinish={(body) => begin.mutate(body)} className="narrow below">
      {begin.error && <ProblemView error={begin.error} />}
      <Form.Item
        name="password"
        label={t("own.factor_password")}
        rules={[{ required: true, message: t("app.required", { what: t("own.current") }) }]}
      >
        <Input.Password autoComplete="current-password" maxLength={1024} />
      </Form.Item>
      <Button htmlType="submit" loading={begin.isPending}>
        {t("own.factor_begin")}
      </Button>
    </Form>
  );
}

function Scan(props: { secret: Secret; onConfirmed: (codes: string[]) => void }) {
  const { t } = useTranslation();
  const confirm = useMutation({
    mutationFn: (body: { code: string }) =>
      ask(api.POST("/api/v1/account/second-factor/confirmation", { body: { code: body.code.replace(/\s/g, "") } })),
    onSuccess: (answer) => props.onConfirmed(answer.recovery_codes),
  });
  return (
    <div className="scan below">
      <div>
        <h3>{t("own.factor_scan")}</h3>
        <QrCode text={props.secret.url} label={t("own.factor_qr")} />
      </div>
      <div>
        <h3>{t("own.factor_secret")}</h3>
        <p>
          <code className="secret">{props.secret.secret.replace(/(.{4})(?=.)/g, "$1 ")}</code>
        </p>
        <Form layout="vertical" onFinish={(body) => confirm.mutate(body)} className="below">
          {confirm.error && <ProblemView error={confirm.error} />}
          <Form.Item
            name="code"
            label={t("own.factor_code")}
            rules={[{ required: true, message: t("app.required", { what: t("sign_in.code") }) }]}
          >
            <Input className="mono" autoComplete="one-time-code" inputMode="numeric" maxLength={64} autoFocus />
          </Form.Item>
          <Button type="primary" htmlType="submit" loading={confirm.isPending}>
            {t("own.factor_confirm")}
          </Button>
        </Form>
      </div>
    </div>
  );
}

function Codes(props: { codes: string[]; onDone: () => void }) {
  const { t } = useTranslation();
  return (
    <div className="below">
      <div role="status" className="verdict good">
        <strong>{t("own.factor_done")}</strong>
      </div>
      <h3>{t("own.recovery")}</h3>
      <p className="notice amber">{t("own.recovery_lead")}</p>
      <ul className="codes mono">
        {props.codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <div className="row below">
        <CopyButton text={props.codes.join("\n")} />
        <Button type="primary" onClick={props.onDone}>
          {t("own.recovery_saved")}
        </Button>
      </div>
    </div>
  );
}
