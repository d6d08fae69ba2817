import { Button, Divider } from "antd";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import type { Session } from "../../../shared/api";
import { titleOf, useInstallation, useInstallationName } from "../data/installation";
import { keepSession, signOut } from "../data/session";
import { DisplaySwitches } from "../layout/display_switches";
import { Mark } from "../layout/mark";
import { FactorForm, PasswordForm } from "../parts/sign_in_forms";

const refusals = ["provider_unavailable", "provider_refused", "no_account"] as const;

/** What the way back from the organisation's provider says in the address, where it failed. */
function SignOnRefusal() {
  const { t } = useTranslation();
  const [search] = useSearchParams();
  const failed = search.get("failed");
  if (failed === null) return null;
  const why = refusals.find((one) => one === failed) ?? "provider_refused";
  return (
    <div role="alert" className="notice amber">
      <strong>{t("sign_in.refused")}</strong>
      <p>{t(`sign_in.${why}`)}</p>
    </div>
  );
}

/** The way over the organisation's provider, where there is one. */
function SignOn() {
  const { t } = useTranslation();
  const installation = useInstallation();
  if (!installation.data?.sign_on) return null;
  return (
    <>
      <Divider plain>{t("sign_in.or")}</Divider>
      <Button block size="large" href="/api/v1/sign-on">
        {t("sign_in.sign_on")}
      </Button>
    </>
  );
}

export function SignInPage(props: { waiting: boolean }) {
  const { t } = useTranslation();
  const installation = useInstallationName();
  const heading = t(props.waiting ? "sign_in.factor_title" : "sign_in.title");
  useEffect(() => {
    document.title = titleOf(heading, installation);
  }, [heading, installation]);
  const keep = (session: Session) => keepSession(session);
  const other = () => {
    signOut(false).catch(() => undefined);
    keepSession(null);
  };
  return (
    <div className="sign-in">
      <header className="sign-in-head">
        <Mark />
        <DisplaySwitches />
      </header>
      <main className="sign-in-card">
        <h1>{heading}</h1>
        {props.waiting ? (
          <FactorForm onSession={keep} onOther={other} />
        ) : (
          <>
            <p className="lead">{t("sign_in.lead")}</p>
            <SignOnRefusal />
            <PasswordForm onSession={keep} />
            <SignOn />
            <p className="below center">
              <a href="/m/">{t("sign_in.phone_page")}</a>
            </p>
          </>
        )}
      </main>
    </div>
  );
}
