import { useQuery } from "@tanstack/react-query";
import { Button, Input } from "antd";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask } from "../../../shared/api";
import { Contract, type ShownAnswer, type ShownOperation, type ShownProperty } from "../data/contract";
import { type Column, DataTable } from "../parts/data_table";
import { Answered, Card, Empty, PageFrame } from "../parts/page";
import { useSettings } from "../settings";

export default function ContractPage() {
  const { t } = useTranslation();
  const { language } = useSettings();
  const [search, setSearch] = useState("");
  const document = useQuery({ queryKey: ["contract"], queryFn: () => ask(api.GET("/api/v1/openapi.json")) });
  const contract = useMemo(() => new Contract(document.data, language), [document.data, language]);
  const tags = contract.tags(search);
  const extra = (
    <>
      <Button href={language === "zh" ? "/reference/" : "/reference/en.html"} target="_blank">
        {t("contract.reference")}
      </Button>
      <Button href="/api/v1/openapi.json" download="zhili-openapi.json">
        {t("contract.download")}
      </Button>
    </>
  );
  return (
    <PageFrame title={t("contract.title")} lead={t("contract.lead")} extra={extra}>
      <Answered of={document}>
        <Input.Search
          aria-label={t("contract.search")}
          placeholder={t("contract.search")}
          allowClear
          value={search}
          onChange={(event) => setSearch(event.target.value)}
          className="narrow"
        />
        {tags.length === 0 && (
          <Card className="below">
            <Empty title={t("contract.none")} hint={t("contract.none_hint")} />
          </Card>
        )}
        {tags.map((tag) => (
          <Card key={tag.id} title={tag.name} className="below">
            {tag.operations.map((operation) => (
              <Operation key={operation.id} operation={operation} />
            ))}
          </Card>
        ))}
      </Answered>
    </PageFrame>
  );
}

function Operation(props: { operation: ShownOperation }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const { operation } = props;
  return (
    <details className="operation" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <span className={`method ${operation.method.toLowerCase()}`}>{operation.method}</span>{" "}
        <code>{operation.path}</code> <span className="summary">{operation.summary}</span>
        {operation.open && <span className="badge grade">{t("contract.public")}</span>}
      </summary>
      {open && <OperationBody operation={operation} />}
    </details>
  );
}

function OperationBody(props: { operation: ShownOperation }) {
  const { t } = useTranslation();
  const { operation } = props;
  const properties: Column<ShownProperty & { place?: string }>[] = [
    { key: "name", title: t("contract.name"), head: true, render: (one) => <PropertyName of={one} /> },
    { key: "type", title: t("contract.type"), render: (one) => <code>{one.type}</code> },
    { key: "note", title: t("contract.note"), render: (one) => one.note || "—" },
  ];
  const placed: typeof properties = [
    ...properties.slice(0, 1),
    { key: "place", title: t("contract.place"), render: (one) => one.place },
    ...properties.slice(1),
  ];
  const answers: Column<ShownAnswer>[] = [
    { key: "status", title: t("contract.responses"), head: true, render: (one) => one.status },
    { key: "type", title: t("contract.type"), render: (one) => <code>{one.type}</code> },
    { key: "note", title: t("contract.note"), render: (one) => one.note },
  ];
  const label = `${operation.method} ${operation.path}`;
  return (
    <div className="operation-body">
      {operation.description && <p>{operation.description}</p>}
      {operation.parameters.length > 0 && (
        <>
          <h3>{t("contract.parameters")}</h3>
          <DataTable
            label={`${label} ${t("contract.parameters")}`}
            columns={placed}
            rows={operation.parameters}
            rowKey={(one) => `${one.place} ${one.name}`}
          />
        </>
      )}
      {operation.body.length > 0 && (
        <>
          <h3>{t("contract.body")}</h3>
          <DataTable
            label={`${label} ${t("contract.body")}`}
            columns={properties}
            rows={operation.body}
            rowKey={(one) => one.name}
          />
        </>
      )}
      <h3>{t("contract.responses")}</h3>
      <DataTable
        label={`${label} ${t("contract.responses")}`}
        columns={answers}
        rows={operation.answers}
        rowKey={(one) => one.status}
      />
    </div>
  );
}

function PropertyName(props: { of: ShownProperty }) {
  const { t } = useTranslation();
  return (
    <>
      <code>{props.of.name}</code> {props.of.required && <span className="badge calm">{t("contract.required")}</span>}
    </>
  );
}
