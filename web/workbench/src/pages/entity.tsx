import { useQuery } from "@tanstack/react-query";
import { Button, Tabs } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useParams, useSearchParams } from "react-router";
import { api, ask, type Entity } from "../../../shared/api";
import { may, useSession } from "../data/session";
import { useLabels, useWordsQuery } from "../data/words";
import { Answered, Card, Empty, PageFrame } from "../parts/page";
import { type Ground, PurposeBasis, rememberedGround, rememberGround } from "../parts/purpose_basis";
import { Ledger } from "./entity_ledger";
import { ReasonsTab } from "./entity_reasons";
import { Values } from "./entity_values";

export type Subject = { kind: string; id: string };
export type FullGround = { purpose: string; basis: string };

/** What one entity shows under a purpose and a basis: values, reasons, ledger. `own`: it is the reader's own record. */
export function EntityView(props: { subject: Subject; ground: FullGround; own?: boolean }) {
  const { t } = useTranslation();
  const session = useSession();
  const { kind, id } = props.subject;
  // An auditor sees who looked, and not what there was to see.
  const mayRead = props.own === true || may(session, "read", kind);
  const entity = useQuery({
    queryKey: ["entity", kind, id, props.ground],
    queryFn: () =>
      ask(api.GET("/api/v1/entities/{kind}/{id}", { params: { path: { kind, id }, query: props.ground } })),
    enabled: mayRead,
  });
  const tabs = [
    {
      key: "values",
      label: t("entity.values"),
      children: <Answered of={entity}>{entity.data && <Values entity={entity.data} ground={props.ground} />}</Answered>,
    },
    {
      key: "reasons",
      label: t("entity.reasons"),
      children: <ReasonsTab subject={props.subject} ground={props.ground} />,
    },
  ];
  if (props.own || may(session, "read", "disclosure"))
    tabs.push({
      key: "ledger",
      label: t(props.own ? "exchange.who_read" : "entity.ledger"),
      children: <Ledger subject={props.subject} ground={props.ground} own={props.own} />,
    });
  return (
    <>
      {entity.data && <Head entity={entity.data} ground={props.ground} />}
      <Card className="tabs">
        <Tabs items={mayRead ? tabs : tabs.slice(2)} destroyOnHidden={false} />
      </Card>
    </>
  );
}

function Head(props: { entity: Entity; ground: FullGround }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const { entity } = props;
  return (
    <div className="entity-head notice">
      {entity.area && (
        <span>
          {t("entity.area")} {labels.areaPath(entity.area)}
        </span>
      )}
      <span>
        {t("entity.read_under")} {labels.purpose(props.ground.purpose)} · {labels.basis(props.ground.basis)}
      </span>
      {entity.entry && (
        <span title={t("entity.entry_hint")}>
          {t("entity.entry")} <code>{entity.entry}</code>
        </span>
      )}
    </div>
  );
}

/** Nothing is read before purpose and basis are chosen. */
function ChooseGround(props: { kind: string; onChoose: (ground: FullGround) => void; start: Ground }) {
  const { t } = useTranslation();
  const [ground, setGround] = useState(props.start);
  const { purpose, basis } = ground;
  return (
    <Card>
      <Empty title={t("entity.choose_purpose")} hint={t("entity.choose_purpose_hint")} />
      <div className="ask">
        <PurposeBasis action="read" kind={props.kind} value={ground} onChange={setGround} />
        <div className="go">
          <Button
            type="primary"
            size="large"
            disabled={!purpose || !basis}
            onClick={() => purpose && basis && props.onChoose({ purpose, basis })}
          >
            {t("entity.read")}
          </Button>
        </div>
      </div>
    </Card>
  );
}

function Chosen(props: { subject: Subject }) {
  const session = useSession();
  const labels = useLabels();
  const [search, setSearch] = useSearchParams();
  const [purpose, basis] = [search.get("purpose"), search.get("basis")];
  if (purpose && basis) return <EntityView subject={props.subject} ground={{ purpose, basis }} />;
  const start = purpose ? { purpose } : rememberedGround(labels);
  const choose = (ground: FullGround) => {
    rememberGround(ground);
    setSearch(ground);
  };
  return (
    <ChooseGround
      kind={may(session, "read", props.subject.kind) ? props.subject.kind : "disclosure"}
      start={start}
      onChoose={choose}
    />
  );
}

export default function EntityPage() {
  const { t } = useTranslation();
  const { kind = "", id = "" } = useParams();
  const [search, setSearch] = useSearchParams();
  const labels = useLabels();
  const words = useWordsQuery();
  const title = `${labels.kind(kind)} ${id}`;
  const extra = search.has("purpose") && <Button onClick={() => setSearch({})}>{t("entity.change")}</Button>;
  return (
    <PageFrame title={title} extra={extra}>
      <Answered of={words}>
        <Chosen key={`${kind} ${id}`} subject={{ kind, id }} />
      </Answered>
    </PageFrame>
  );
}
