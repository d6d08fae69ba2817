import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Drawer, Popconfirm } from "antd";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useParams } from "react-router";
import { api, ask } from "../../../shared/api";
import { nameIn } from "../../../shared/format";
import { type Dataset, type DatasetField, datasetPath, type Read, useDatasetQuery } from "../data/catalog";
import { may, useSession } from "../data/session";
import { useLabels } from "../data/words";
import { useWrite } from "../data/writing";
import { type Column, DataTable } from "../parts/data_table";
import { Answered, Card, PageFrame } from "../parts/page";
import { ProblemView } from "../parts/problem_view";
import { Time } from "../parts/time";
import { SharingBadge } from "./catalog";
import { DatasetForm } from "./dataset_form";
import { HoldersDrawer } from "./dataset_holders";
import { AskForData } from "./request_ask";

export default function DatasetPage() {
  const labels = useLabels();
  const { id = "" } = useParams();
  const reading = useDatasetQuery(id);
  const read = reading.data;
  return (
    <PageFrame
      key={id}
      title={read ? nameIn(read.dataset.title, labels.language) : id}
      lead={read?.dataset.summary}
      extra={read && <Actions read={read} />}
    >
      <Answered of={reading}>
        {read && (
          <>
            <Facts read={read} />
            <Fields of={read.dataset} />
            <Versions id={id} version={read.version} />
          </>
        )}
      </Answered>
    </PageFrame>
  );
}

/** For officers of the department that owns it. The server decides by itself. */
function Actions(props: { read: Read }) {
  const { t } = useTranslation();
  const session = useSession();
  const labels = useLabels();
  const navigate = useNavigate();
  const cache = useQueryClient();
  const [changing, setChanging] = useState(false);
  const { dataset, etag } = props.read;
  const withdraw = useWrite(
    (id: string) =>
      ask(
        api.DELETE("/api/v1/catalog/datasets/{dataset}", {
          params: { path: { dataset: id }, header: { "If-Match": etag } },
        }),
      ),
    () => {
      cache.invalidateQueries({ queryKey: ["datasets"] });
      navigate("/catalog");
    },
  );
  const own = session.posts?.some((post) => post.department === dataset.provider);
  const batches = own && may(session, "read", "batch") && (
    <Link to={`${datasetPath(dataset.id)}/batches`}>{t("ingest.batches")}</Link>
  );
  if (!own) return <AskForData dataset={dataset} />;
  if (!may(session, "update", "catalogue")) return batches;
  const done = () => {
    setChanging(false);
    for (const key of ["dataset", "dataset_versions"]) cache.invalidateQueries({ queryKey: [key, dataset.id] });
    cache.invalidateQueries({ queryKey: ["datasets"] });
  };
  return (
    <>
      {withdraw.error && <ProblemView error={withdraw.error} />}
      <div className="row">
        {batches}
        <Button type="primary" onClick={() => setChanging(true)}>
          {t("catalog.change")}
        </Button>
        <Popconfirm
          title={t("catalog.withdraw_confirm", { name: nameIn(dataset.title, labels.language) })}
          onConfirm={() => withdraw.mutate(dataset.id)}
        >
          <Button danger loading={withdraw.isPending}>
            {t("catalog.withdraw")}
          </Button>
        </Popconfirm>
      </div>
      <Drawer open={changing} onClose={() => setChanging(false)} title={t("catalog.change")} size={960} destroyOnHidden>
        <DatasetForm read={props.read} onDone={done} />
      </Drawer>
    </>
  );
}

function Facts(props: { read: Read }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const { dataset, version, since } = props.read;
  const lines: [string, ReactNode][] = [
    [t("catalog.provider"), labels.department(dataset.provider)],
    [t("catalog.code"), <code key="code">{dataset.code}</code>],
    [t("catalog.id"), <code key="id">{dataset.id}</code>],
    [t("catalog.sharing"), <SharingBadge key="sharing" of={dataset.sharing} />],
    [t("catalog.sharing_condition"), dataset.sharing_condition],
    [t("catalog.basis"), dataset.basis && labels.basis(dataset.basis)],
    [t("catalog.openness"), t(`catalog.openness_${dataset.openness ?? "not_open"}`)],
    [t("catalog.open_condition"), dataset.open_condition],
    [t("catalog.cycle"), t(`catalog.cycle_${dataset.cycle ?? "on_change"}`)],
    [t("catalog.format"), dataset.format],
    [t("catalog.source_system"), dataset.source_system],
    [t("catalog.related"), dataset.related?.join("、")],
    [
      t("catalog.version"),
      <span key="version">
        {version} · <Time at={since} />
      </span>,
    ],
  ];
  return (
    <Card>
      <dl className="facts">{lines.map(([what, value]) => value && <Fact key={what} what={what} value={value} />)}</dl>
      {(dataset.rules?.length ?? 0) > 0 && (
        <>
          <h2>{t("catalog.rules")}</h2>
          <ul>
            {dataset.rules?.map((rule) => (
              <li key={rule.id}>
                {nameIn(rule.title, labels.language)} <code>{rule.holds}</code>
              </li>
            ))}
          </ul>
        </>
      )}
    </Card>
  );
}

function Fact(props: { what: string; value: ReactNode }) {
  return (
    <div className="contents">
      <dt>{props.what}</dt>
      <dd>{props.value}</dd>
    </div>
  );
}

function Fields(props: { of: Dataset }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const [element, setElement] = useState<string>();
  const columns: Column<DatasetField>[] = [
    {
      key: "title",
      title: t("catalog.field"),
      head: true,
      render: (field) => (
        <>
          {nameIn(field.title, labels.language)}
          <div className="fine">
            <code>{field.column ?? field.id}</code>
          </div>
        </>
      ),
    },
    { key: "type", title: t("catalog.type"), render: (field) => t(`catalog.type_${field.type}`) },
    {
      key: "grade",
      title: t("catalog.grade"),
      render: (field) => <span className="badge grade">{t("entity.grade", { grade: field.grade })}</span>,
    },
    {
      key: "marks",
      title: t("catalog.marks"),
      render: (field) =>
        [field.key && t("catalog.key"), field.required && t("catalog.required")].filter(Boolean).join("、") || "—",
    },
    {
      key: "element",
      title: t("catalog.holders"),
      render: (field) =>
        field.element ? (
          <Button
            size="small"
            aria-label={t("catalog.holders_of", { name: nameIn(field.title, labels.language) })}
            onClick={() => setElement(field.element)}
          >
            {t("catalog.who_else")}
          </Button>
        ) : (
          "—"
        ),
    },
    { key: "because", title: t("catalog.because"), render: (field) => field.collected_because || "—" },
  ];
  return (
    <Card title={t("catalog.fields")}>
      <DataTable label={t("catalog.fields")} columns={columns} rows={props.of.fields} rowKey={(field) => field.id} />
      <HoldersDrawer element={element} onClose={() => setElement(undefined)} />
    </Card>
  );
}

function Versions(props: { id: string; version: number }) {
  const { t } = useTranslation();
  const versions = useQuery({
    queryKey: ["dataset_versions", props.id, props.version],
    queryFn: async () =>
      (await ask(api.GET("/api/v1/catalog/datasets/{dataset}/versions", { params: { path: { dataset: props.id } } })))
        .items,
  });
  const columns: Column<NonNullable<typeof versions.data>[number]>[] = [
    { key: "version", title: t("catalog.version"), head: true, render: (one) => one.version },
    { key: "since", title: t("catalog.since"), render: (one) => <Time at={one.since} /> },
    { key: "by", title: t("catalog.by"), render: (one) => one.by_name || one.by || t("catalog.by_command") },
    {
      key: "what",
      title: t("catalog.what"),
      render: (one) =>
        t(!one.dataset ? "catalog.withdrawn" : one.version === 1 ? "catalog.declared" : "catalog.changed"),
    },
    { key: "entry", title: t("catalog.entry"), render: (one) => <code>{one.entry}</code> },
  ];
  return (
    <Card title={t("catalog.versions")}>
      <Answered of={versions}>
        <DataTable
          label={t("catalog.versions")}
          columns={columns}
          rows={versions.data ?? []}
          rowKey={(one) => String(one.version)}
        />
      </Answered>
    </Card>
  );
}
