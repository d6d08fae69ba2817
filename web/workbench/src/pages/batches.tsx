import { useQuery } from "@tanstack/react-query";
import { Select } from "antd";
import { lazy, Suspense, useId, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { api, ask } from "../../../shared/api";
import { formatNumber, nameIn } from "../../../shared/format";
import { type Dataset, datasetPath, useDatasetQuery } from "../data/catalog";
import { usePages } from "../data/pages";
import { may, useSession } from "../data/session";
import type { Batch } from "../data/upload";
import { useLabels } from "../data/words";
import { type Column, DataTable, PagedList } from "../parts/data_table";
import { Answered, Card, Empty, Loading, PageFrame } from "../parts/page";
import { Time } from "../parts/time";
import { UploadForm } from "./upload_form";

const TrendChart = lazy(() => import("../parts/trend_chart"));

const stateClass = { landed: "good", held: "masked", dropped: "refused" } as const;

export function BatchState(props: { state: Batch["state"] }) {
  const { t } = useTranslation();
  return <span className={`badge ${stateClass[props.state]}`}>{t(`ingest.state_${props.state}`)}</span>;
}

export function batchPath(id: string): string {
  return `/batches/${encodeURIComponent(id)}`;
}

/** A dataset's batches: sending one, what came, how its quality goes. */
export default function BatchesPage() {
  const { t } = useTranslation();
  const labels = useLabels();
  const session = useSession();
  const { id = "" } = useParams();
  const dataset = useDatasetQuery(id).data?.dataset;
  const own = session.posts?.some((post) => post.department === dataset?.provider) && may(session, "create", "batch");
  const name = dataset ? nameIn(dataset.title, labels.language) : id;
  return (
    <PageFrame
      title={t("ingest.batches_of", { name })}
      lead={t("ingest.lead")}
      extra={<Link to={datasetPath(id)}>{t("ingest.entry")}</Link>}
    >
      {own && <UploadForm dataset={id} />}
      <BatchList dataset={id} />
      {dataset && <Trend dataset={dataset} />}
    </PageFrame>
  );
}

function BatchList(props: { dataset: string }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const batches = usePages<Batch>(["batches", props.dataset], (cursor) =>
    ask(
      api.GET("/api/v1/catalog/datasets/{dataset}/batches", {
        params: { path: { dataset: props.dataset }, query: { cursor, limit: 20 } },
      }),
    ),
  );
  const number = (value: number) => formatNumber(value, labels.language);
  const columns: Column<Batch>[] = [
    {
      key: "batch",
      title: t("ingest.batch"),
      head: true,
      render: (batch) => <Link to={batchPath(batch.id)}>{batch.batch}</Link>,
    },
    { key: "state", title: t("ingest.state"), render: (batch) => <BatchState state={batch.state} /> },
    { key: "kind", title: t("ingest.kind"), render: (batch) => t(`ingest.kind_${batch.kind}`) },
    { key: "rows", title: t("ingest.rows"), align: "end", render: (batch) => number(batch.rows) },
    { key: "mistaken", title: t("ingest.mistaken"), align: "end", render: (batch) => number(batch.mistaken) },
    {
      key: "rejected",
      title: t("ingest.rejected"),
      align: "end",
      render: (batch) => number(batch.rejected + batch.unreadable),
    },
    { key: "received", title: t("ingest.received"), render: (batch) => <Time at={batch.received} /> },
  ];
  return (
    <Card title={t("ingest.batches")}>
      <PagedList of={batches} empty={<Empty title={t("ingest.none")} hint={t("ingest.none_hint")} />}>
        <DataTable label={t("ingest.batches")} columns={columns} rows={batches.items} rowKey={(batch) => batch.id} />
      </PagedList>
    </Card>
  );
}

/** How missing and mistaken values of one field go from batch to batch. */
function Trend(props: { dataset: Dataset }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const id = useId();
  const { dataset } = props;
  const [field, setField] = useState(dataset.fields[0]?.id ?? "");
  const trend = useQuery({
    queryKey: ["trend", dataset.id, field],
    queryFn: async () =>
      (
        await ask(
          api.GET("/api/v1/catalog/datasets/{dataset}/trend", {
            params: { path: { dataset: dataset.id }, query: { field, limit: 50 } },
          }),
        )
      ).items.reverse(),
    staleTime: 0,
  });
  const points = trend.data;
  const drawing = useMemo(() => {
    const share = (part: number, whole: number) => (whole === 0 ? 0 : part / whole);
    return {
      names: points?.map((point) => point.batch) ?? [],
      series: [
        {
          name: t("ingest.missing_share"),
          values: points?.map((point) => share(point.missing, point.values)) ?? [],
        },
        {
          name: t("ingest.mistaken_share"),
          values: points?.map((point) => share(point.mistaken, point.values - point.missing)) ?? [],
        },
      ],
    };
  }, [points, t]);
  return (
    <Card title={t("ingest.trend")}>
      <div className="filter">
        <div>
          <label htmlFor={id}>{t("catalog.field")}</label>
          <Select
            id={id}
            value={field}
            options={dataset.fields.map((one) => ({ value: one.id, label: nameIn(one.title, labels.language) }))}
            showSearch={{ optionFilterProp: "label" }}
            onChange={setField}
          />
        </div>
      </div>
      <Answered of={trend}>
        {points?.length === 0 ? (
          <Empty title={t("ingest.no_trend")} />
        ) : (
          <>
            <Suspense fallback={<Loading />}>
              <TrendChart {...drawing} />
            </Suspense>
            <TrendTable points={points ?? []} />
          </>
        )}
      </Answered>
    </Card>
  );
}

type Point = { batch: string; received: string; values: number; missing: number; mistaken: number; different: number };

function TrendTable(props: { points: Point[] }) {
  const { t } = useTranslation();
  const { language } = useLabels();
  const number = (value: number) => formatNumber(value, language);
  const columns: Column<Point>[] = [
    { key: "batch", title: t("ingest.batch"), head: true, render: (point) => point.batch },
    { key: "values", title: t("ingest.values"), align: "end", render: (point) => number(point.values - point.missing) },
    { key: "missing", title: t("ingest.missing"), align: "end", render: (point) => number(point.missing) },
    { key: "mistaken", title: t("ingest.mistaken_values"), align: "end", render: (point) => number(point.mistaken) },
    { key: "different", title: t("ingest.different"), align: "end", render: (point) => number(point.different) },
  ];
  return (
    <DataTable
      label={t("ingest.trend")}
      columns={columns}
      rows={[...props.points].reverse()}
      rowKey={(point) => point.batch}
    />
  );
}
