import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, askWhole } from "../../../shared/api";
import { formatNumber, formatTime } from "../../../shared/format";
import type { DataRequest, GrantFile } from "../data/exchange";
import { useLabels } from "../data/words";
import { keyed, useWrite } from "../data/writing";
import { type Column, DataTable } from "../parts/data_table";
import { Answered, Card, Empty } from "../parts/page";
import { ProblemView } from "../parts/problem_view";
import { Time } from "../parts/time";

const stateClass = { making: "masked", ready: "good", broken_off: "bad", gone: "refused" } as const;

/** The bytes from there on, as many as the server gives at once. */
async function part(file: GrantFile, from: number): Promise<ArrayBuffer> {
  const { data } = await askWhole(
    api.GET("/api/v1/exchange/files/{file}", {
      params: { path: { file: file.id }, header: { Range: `bytes=${from}-` } },
      parseAs: "arrayBuffer",
    }),
  );
  return data as unknown as ArrayBuffer;
}

/** All of a file, part by part. What was fetched before the line broke is kept in `parts`, and gone on with. */
async function fetchAll(file: GrantFile, parts: ArrayBuffer[], onShare: (share: number) => void): Promise<Blob> {
  for (;;) {
    const have = parts.reduce((sum, one) => sum + one.byteLength, 0);
    onShare(file.bytes === 0 ? 1 : have / file.bytes);
    if (have >= file.bytes) return new Blob(parts, { type: "application/x-ndjson" });
    parts.push(await part(file, have));
  }
}

function hand(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

/** Files of all rows that a grant admits. */
export function GrantFiles(props: { request: DataRequest; asks: boolean }) {
  const { t } = useTranslation();
  const cache = useQueryClient();
  const { request } = props;
  const files = useQuery({
    queryKey: ["grant_files", request.id],
    queryFn: async () =>
      (await ask(api.GET("/api/v1/exchange/requests/{request}/files", { params: { path: { request: request.id } } })))
        .items,
    staleTime: 0,
    // Who only oversees requests is not told of files.
    retry: false,
  });
  const make = useWrite(
    (_: null, key) =>
      ask(
        api.POST("/api/v1/exchange/requests/{request}/files", {
          params: { path: { request: request.id }, header: keyed(key) },
          body: {},
        }),
      ),
    () => {
      for (const list of ["grant_files", "grant_days", "grant_calls"])
        cache.invalidateQueries({ queryKey: [list, request.id] });
    },
  );
  if (!props.asks && (files.data === undefined || files.data.length === 0)) return null;
  return (
    <Card title={t("exchange.files")}>
      <p className="lead">{t("exchange.files_note")}</p>
      {props.asks && (
        <Button loading={make.isPending} onClick={() => make.mutate(null)}>
          {t("exchange.file_make")}
        </Button>
      )}
      {make.error && <ProblemView error={make.error} />}
      <Answered of={files}>
        {files.data?.length === 0 ? (
          <Empty title={t("exchange.files_none")} />
        ) : (
          <FileTable files={files.data ?? []} asks={props.asks} />
        )}
      </Answered>
    </Card>
  );
}

function FileTable(props: { files: GrantFile[]; asks: boolean }) {
  const { t } = useTranslation();
  const { language } = useLabels();
  const number = (value: number) => formatNumber(value, language);
  const columns: Column<GrantFile>[] = [
    { key: "made", title: t("exchange.file_made"), head: true, render: (file) => <Time at={file.made} /> },
    {
      key: "state",
      title: t("exchange.state"),
      render: (file) => <span className={`badge ${stateClass[file.state]}`}>{t(`exchange.file_${file.state}`)}</span>,
    },
    { key: "rows", title: t("exchange.file_rows"), align: "end", render: (file) => number(file.rows) },
    { key: "bytes", title: t("exchange.file_bytes"), align: "end", render: (file) => number(file.bytes) },
    {
      key: "get",
      title: t("exchange.file_get"),
      plain: true,
      render: (file) => props.asks && file.state === "ready" && <Fetching file={file} />,
    },
  ];
  return <DataTable label={t("exchange.files")} columns={columns} rows={props.files} rowKey={(file) => file.id} />;
}

function Fetching(props: { file: GrantFile }) {
  const { t } = useTranslation();
  const { language } = useLabels();
  const { file } = props;
  const [parts] = useState<ArrayBuffer[]>([]);
  const [share, setShare] = useState<number>();
  const fetching = useMutation({
    mutationFn: () => fetchAll(file, parts, setShare),
    onSuccess: (blob) => {
      hand(blob, `${file.id}.jsonl`);
      if (file.statement) hand(new Blob([file.statement], { type: "text/plain" }), `${file.id}.note`);
    },
  });
  return (
    <>
      <Button
        size="small"
        loading={fetching.isPending}
        aria-label={t("exchange.file_get_of", { time: formatTime(file.made, language) })}
        onClick={() => fetching.mutate()}
      >
        {t("exchange.file_get")}
      </Button>
      <span role="status" className="fine">
        {share !== undefined && ` ${t("exchange.file_got", { share: `${Math.floor(share * 100)}%` })}`}
      </span>
      {fetching.error && <ProblemView error={fetching.error} onRetry={() => fetching.mutate()} />}
    </>
  );
}
