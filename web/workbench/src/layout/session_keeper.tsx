import { Modal } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { type Session, setCsrf } from "../../../shared/api";
import { client, forgetReader, onSignedOut } from "../data/client";
import { keepSession, useSession } from "../data/session";
import { FactorForm, PasswordForm } from "../parts/sign_in_forms";

/** Lets who was signed out sign in again above the page, so that nothing typed below is lost. Somebody else who signs in
 * starts afresh: nothing of the one before may stay. */
export function SessionKeeper() {
  const { t } = useTranslation();
  const session = useSession();
  const navigate = useNavigate();
  const [over, setOver] = useState(false);
  const [waiting, setWaiting] = useState(false);
  useEffect(() => onSignedOut(() => setOver(true)), []);

  const take = (next: Session) => {
    if (next.stage === "second_factor_needed") {
      setCsrf(next.csrf);
      setWaiting(true);
      return;
    }
    setWaiting(false);
    setOver(false);
    if (next.account !== session.account) {
      forgetReader();
      keepSession(next);
      navigate("/");
      return;
    }
    keepSession(next);
    client.refetchQueries({ predicate: (query) => query.state.status === "error" });
  };

  return (
    <Modal
      open={over}
      title={t("sign_in.again_title")}
      footer={null}
      onCancel={() => setOver(false)}
      destroyOnHidden
      width={420}
    >
      <p className="lead">{t("sign_in.again_lead")}</p>
      {waiting ? <FactorForm onSession={take} onOther={() => setWaiting(false)} /> : <PasswordForm onSession={take} />}
    </Modal>
  );
}
