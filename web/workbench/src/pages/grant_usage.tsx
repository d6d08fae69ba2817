import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, ask } from "../../../shared/api";
import { formatNumber } from "../../../shared/format";
import { type DataRequest, type GrantCall, useOversight } from "../data/exchange";
import { usePages } from "../data/pages";
import { useLabels } from "../data/words";
import { type Column, DataTable, PagedList } from "../parts/data_table";
import { Answered, Card, Empty } from "../parts/page";
import { Time } from "../parts/time";

type Day = { day: string; calls: number; rows: number; refused: number };
const ways = ["read", "look_up", "export"] as const;

/** How a grant was used, and what was refused under it: both sides see the same. */
export function GrantUsage(props: { request: DataRequest }) {
  const { t } = useTranslation();
  const { language } = useLabels();
  const purpose = useOversight();
  const params = { path: { request: props.request.id }, query: { purpose } };
  const days = useQuery({
    queryKey: ["grant_days", props.request.id],
    queryFn: async () => (await ask(api.GET("/api/v1/exchange/requests/{request}/days", { params }))).items,
    staleTime: 0,
  });
  const calls = usePages<GrantCall>(["grant_calls", props.request.id], (cursor) =>
    ask(
      api.GET("/api/v1/exchange/requests/{request}/calls", {
        params: { ...params, query: { ...params.query, cursor, limit: 20 } },
      }),
    ),
  );
  const number = (value: number) => formatNumber(value, language);
  const dayColumns: Column<Day>[] = [
    { key: "day", title: t("exchange.day"), head: true, render: (one) => one.day },
    { key: "calls", title: t("exchange.calls"), align: "end", render: (one) => number(one.calls) },
    { key: "rows", title: t("exchange.told_rows"), align: "end", render: (one) => number(one.rows) },
    { key: "refused", title: t("exchange.refused"), align: "end", render: (one) => number(one.refused) },
  ];
  const callColumns: Column<GrantCall>[] = [
    { key: "when", title: t("exchange.when"), head: true, render: (one) => <Time at={one.time} /> },
    { key: "who", title: t("exchange.who"), render: (one) => one.actor_name || <code>{one.actor}</code> },
    { key: "how", title: t("exchange.how"), render: (one) => <How asked={one.asked} /> },
    { key: "outcome", title: t("exchange.outcome"), render: (one) => <Outcome of={one} /> },
    { key: "entry", title: t("exchange.use_entry"), render: (one) => <code>{one.entry}</code> },
  ];
  return (
    <>
      <Card title={t("exchange.days")}>
        <Answered of={days}>
          {days.data?.length === 0 ? (
            <Empty title={t("exchange.days_none")} />
          ) : (
            <DataTable
              label={t("exchange.days")}
              columns={dayColumns}
              rows={days.data ?? []}
              rowKey={(one) => one.day}
            />
          )}
        </Answered>
      </Card>
      <Card title={t("exchange.called")}>
        <PagedList of={calls} empty={<Empty title={t("exchange.days_none")} />}>
          <DataTable
            label={t("exchange.called")}
            columns={callColumns}
            rows={calls.items}
            rowKey={(one) => one.entry}
          />
        </PagedList>
      </Card>
    </>
  );
}

function How(props: { asked: string }) {
  const { t } = useTranslation();
  const known = ways.find((one) => one === props.asked);
  return known ? t(`exchange.how_${known}`) : props.asked;
}

function Outcome(props: { of: GrantCall }) {
  const { t } = useTranslation();
  const { language } = useLabels();
  const { refusal, rows } = props.of;
  if (!refusal) return `${t("exchange.told_rows")} ${formatNumber(rows, language)}`;
  const words = (language === "zh" ? refusal.zh : refusal.en) || refusal.reason;
  return (
    <>
      <span className="badge bad">{t("exchange.refused")}</span> {words}
    </>
  );
}
