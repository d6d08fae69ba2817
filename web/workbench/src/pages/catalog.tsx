import { PlusOutlined } from "@ant-design/icons";
import { Button, Drawer, Input } from "antd";
import { type FormEvent, useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useSearchParams } from "react-router";
import { api, ask } from "../../../shared/api";
import { nameIn } from "../../../shared/format";
import {
  type CatalogQuery,
  catalogQuery,
  datasetPath,
  type Listed,
  type Sharing,
  sharingClass,
  sharings,
  useElementsQuery,
} from "../data/catalog";
import { usePages } from "../data/pages";
import { may, useSession } from "../data/session";
import { useDepartmentsQuery, useLabels } from "../data/words";
import { ChoiceField } from "../parts/choice_field";
import { type Column, DataTable, PagedList } from "../parts/data_table";
import { Card, Empty, PageFrame } from "../parts/page";
import { DatasetForm } from "./dataset_form";

export function SharingBadge(props: { of: Sharing }) {
  const { t } = useTranslation();
  return <span className={`badge ${sharingClass[props.of]}`}>{t(`catalog.sharing_${props.of}`)}</span>;
}

export default function CatalogPage() {
  const { t } = useTranslation();
  const session = useSession();
  const navigate = useNavigate();
  const [search] = useSearchParams();
  const [declaring, setDeclaring] = useState(false);
  const query = catalogQuery(search);
  const datasets = usePages<Listed>(["datasets", query], (cursor) =>
    ask(api.GET("/api/v1/catalog/datasets", { params: { query: { ...query, cursor, limit: 50 } } })),
  );
  const extra = may(session, "create", "catalogue") && (
    <Button type="primary" icon={<PlusOutlined aria-hidden />} onClick={() => setDeclaring(true)}>
      {t("catalog.declare")}
    </Button>
  );
  return (
    <PageFrame title={t("catalog.title")} lead={t("catalog.lead")} extra={extra}>
      <Card>
        <CatalogFilter />
        <PagedList of={datasets} empty={<Empty title={t("catalog.none")} hint={t("catalog.none_hint")} />}>
          <DatasetTable rows={datasets.items} />
        </PagedList>
      </Card>
      <Drawer
        open={declaring}
        onClose={() => setDeclaring(false)}
        title={t("catalog.declare")}
        size={960}
        destroyOnHidden
      >
        <DatasetForm onDone={(listed) => navigate(datasetPath(listed.dataset.id))} />
      </Drawer>
    </PageFrame>
  );
}

function DatasetTable(props: { rows: Listed[] }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const columns: Column<Listed>[] = [
    {
      key: "title",
      title: t("catalog.dataset"),
      head: true,
      render: ({ dataset }) => (
        <>
          <Link to={datasetPath(dataset.id)}>{nameIn(dataset.title, labels.language)}</Link>
          <div className="fine">{dataset.summary}</div>
        </>
      ),
    },
    { key: "provider", title: t("catalog.provider"), render: ({ dataset }) => labels.department(dataset.provider) },
    { key: "sharing", title: t("catalog.sharing"), render: ({ dataset }) => <SharingBadge of={dataset.sharing} /> },
    {
      key: "cycle",
      title: t("catalog.cycle"),
      render: ({ dataset }) => t(`catalog.cycle_${dataset.cycle ?? "on_change"}`),
    },
    { key: "fields", title: t("catalog.fields"), align: "end", render: ({ dataset }) => dataset.fields.length },
    { key: "code", title: t("catalog.code"), render: ({ dataset }) => <code className="nowrap">{dataset.code}</code> },
  ];
  return (
    <DataTable label={t("catalog.title")} columns={columns} rows={props.rows} rowKey={({ dataset }) => dataset.id} />
  );
}

/** What the address asks for, changed by fields and pressed into the address. Only another's change of the address
 * changes the fields. */
function useAsked() {
  const [search, setSearch] = useSearchParams();
  const [asked, setAsked] = useState<CatalogQuery>(() => catalogQuery(search));
  const expected = useRef(search.toString());
  useEffect(() => {
    if (search.toString() === expected.current) return;
    expected.current = search.toString();
    setAsked(catalogQuery(search));
  }, [search]);
  const go = (query: CatalogQuery) => {
    const next = new URLSearchParams(Object.entries(query).filter(([, value]) => value));
    expected.current = next.toString();
    setAsked(query);
    setSearch(next);
  };
  const put = (part: CatalogQuery) => setAsked((old) => ({ ...old, ...part }));
  return { asked, put, go };
}

/** What of the catalogue is shown. It lies in the address, so that what was found can be shown to a colleague. */
function CatalogFilter() {
  const { t } = useTranslation();
  const labels = useLabels();
  const id = useId();
  const departments = useDepartmentsQuery().data ?? [];
  const elements = useElementsQuery().data ?? [];
  const { asked, put, go } = useAsked();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    go(asked);
  };
  const named = (one: { id: string; zh: string; en?: string }) => ({
    value: one.id,
    label: nameIn(one, labels.language),
  });
  return (
    <form className="filter" onSubmit={submit}>
      <div>
        <label htmlFor={id}>{t("catalog.words")}</label>
        <Input
          id={id}
          allowClear
          maxLength={100}
          value={asked.q}
          placeholder={t("catalog.words_hint")}
          onChange={(event) => put({ q: event.target.value || undefined })}
        />
      </div>
      <ChoiceField
        label={t("catalog.provider")}
        hint={t("audit.any")}
        value={asked.provider}
        options={departments.map(named)}
        onChange={(provider) => put({ provider })}
      />
      <ChoiceField
        label={t("catalog.element")}
        hint={t("audit.any")}
        value={asked.element}
        options={elements.map(named)}
        onChange={(element) => put({ element })}
      />
      <ChoiceField<Sharing>
        label={t("catalog.sharing")}
        hint={t("audit.any")}
        value={asked.sharing}
        options={sharings.map((one) => ({ value: one, label: t(`catalog.sharing_${one}`) }))}
        onChange={(sharing) => put({ sharing })}
      />
      <Button type="primary" htmlType="submit">
        {t("audit.filter")}
      </Button>
      <Button onClick={() => go({})}>{t("audit.clear")}</Button>
    </form>
  );
}
