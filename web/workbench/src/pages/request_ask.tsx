import { Button, Drawer } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { nameIn } from "../../../shared/format";
import type { Dataset } from "../data/catalog";
import { ownDepartments, requestPath } from "../data/exchange";
import { may, useSession } from "../data/session";
import { useLabels } from "../data/words";
import { RequestForm } from "./request_form";

/** Leads officers of other departments from a dataset to a request for it. */
export function AskForData(props: { dataset: Dataset }) {
  const { t } = useTranslation();
  const session = useSession();
  const labels = useLabels();
  const navigate = useNavigate();
  const [asking, setAsking] = useState(false);
  const { dataset } = props;
  if (!may(session, "create", "grant") || ownDepartments(session).every((one) => one === dataset.provider)) return null;
  return (
    <>
      <Button type="primary" onClick={() => setAsking(true)}>
        {t("exchange.ask")}
      </Button>
      <Drawer
        open={asking}
        onClose={() => setAsking(false)}
        title={t("exchange.ask_for", { name: nameIn(dataset.title, labels.language) })}
        size={720}
        destroyOnHidden
      >
        <RequestForm dataset={dataset} onDone={(request) => navigate(requestPath(request.id))} />
      </Drawer>
    </>
  );
}
