import { Checkbox, Segmented } from "antd";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { api, ask } from "../../../shared/api";
import { nameIn } from "../../../shared/format";
import {
  type DataRequest,
  ownDepartments,
  type RequestState,
  requestPath,
  requestStateClass,
  requestStates,
  useOversight,
} from "../data/exchange";
import { usePages } from "../data/pages";
import { useSession } from "../data/session";
import { useLabels } from "../data/words";
import { ChoiceField } from "../parts/choice_field";
import { type Column, DataTable, PagedList } from "../parts/data_table";
import { Due } from "../parts/due";
import { Card, Empty, PageFrame } from "../parts/page";

const sides = ["any", "asks", "answers"] as const;

export function RequestStateBadge(props: { of: RequestState }) {
  const { t } = useTranslation();
  return <span className={`badge ${requestStateClass[props.of]}`}>{t(`exchange.state_${props.of}`)}</span>;
}

/** Requests of the own department, on either side. What is shown lies in the address. */
export default function RequestsPage() {
  const { t } = useTranslation();
  const session = useSession();
  const purpose = useOversight();
  const [search, setSearch] = useSearchParams();
  const department = purpose ? undefined : ownDepartments(session)[0];
  const side = sides.find((one) => one === search.get("side")) ?? "any";
  const state = requestStates.find((one) => one === search.get("state"));
  const overdue = search.get("overdue") === "true" || undefined;
  const query = { department, side: side === "any" ? undefined : side, state, overdue, purpose };
  const requests = usePages<DataRequest>(["requests", query], (cursor) =>
    ask(api.GET("/api/v1/exchange/requests", { params: { query: { ...query, cursor, limit: 50 } } })),
  );
  const put = (name: string, value?: string) => {
    const next = new URLSearchParams(search);
    if (value) next.set(name, value);
    else next.delete(name);
    setSearch(next);
  };
  return (
    <PageFrame title={t("exchange.requests")} lead={t("exchange.lead")}>
      <Card>
        <div className="filter">
          {department && (
            <Segmented
              aria-label={t("exchange.side")}
              value={side}
              options={sides.map((one) => ({ value: one, label: t(`exchange.side_${one}`) }))}
              onChange={(one) => put("side", one === "any" ? undefined : one)}
            />
          )}
          <ChoiceField<RequestState>
            label={t("exchange.state")}
            hint={t("audit.any")}
            value={state}
            options={requestStates.map((one) => ({ value: one, label: t(`exchange.state_${one}`) }))}
            onChange={(one) => put("state", one)}
          />
          <Checkbox
            checked={overdue === true}
            onChange={(event) => put("overdue", event.target.checked ? "true" : undefined)}
          >
            {t("exchange.only_overdue")}
          </Checkbox>
        </div>
        <PagedList of={requests} empty={<Empty title={t("exchange.none")} hint={t("exchange.none_hint")} />}>
          <RequestTable rows={requests.items} />
        </PagedList>
      </Card>
    </PageFrame>
  );
}

function RequestTable(props: { rows: DataRequest[] }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const columns: Column<DataRequest>[] = [
    {
      key: "dataset",
      title: t("exchange.dataset"),
      head: true,
      render: (one) => (
        <>
          <Link to={requestPath(one.id)}>{nameIn(one.dataset_title, labels.language) || one.wanted.dataset}</Link>
          <div className="fine">{one.wanted.reason}</div>
        </>
      ),
    },
    { key: "asker", title: t("exchange.asker"), render: (one) => labels.department(one.wanted.department) },
    { key: "owner", title: t("exchange.owner"), render: (one) => labels.department(one.owner) },
    { key: "state", title: t("exchange.state"), render: (one) => <RequestStateBadge of={one.state} /> },
    { key: "purpose", title: t("exchange.purpose"), render: (one) => labels.purpose(one.wanted.purpose) },
    { key: "due", title: t("exchange.due"), render: (one) => <Due of={one} /> },
  ];
  return <DataTable label={t("exchange.requests")} columns={columns} rows={props.rows} rowKey={(one) => one.id} />;
}
