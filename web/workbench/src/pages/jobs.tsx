import { useTranslation } from "react-i18next";
import { api, ask, type Job } from "../../../shared/api";
import { formatNumber } from "../../../shared/format";
import { usePages } from "../data/pages";
import { useLabels } from "../data/words";
import { type Column, DataTable, PagedList } from "../parts/data_table";
import { Card, Empty, PageFrame } from "../parts/page";
import { Time } from "../parts/time";

const stateClass = { running: "calm", done: "good", failed: "bad" } as const;

export default function JobsPage() {
  const { t } = useTranslation();
  const labels = useLabels();
  const jobs = usePages<Job>(["jobs"], (cursor) =>
    ask(api.GET("/api/v1/jobs", { params: { query: { cursor, limit: 50 } } })),
  );
  const columns: Column<Job>[] = [
    { key: "name", title: t("jobs.name"), head: true, render: (job) => <Name job={job} /> },
    {
      key: "purpose",
      title: t("audit.purpose"),
      render: (job) => (
        <>
          {labels.purpose(job.purpose)}
          <div className="fine">{labels.basis(job.basis)}</div>
        </>
      ),
    },
    {
      key: "fields",
      title: t("jobs.fields"),
      render: (job) => (
        <span className="row">
          {job.fields.map((field) => (
            <span key={field} className="badge calm">
              {labels.field(job.kind, field)}
            </span>
          ))}
        </span>
      ),
    },
    {
      key: "count",
      title: t("jobs.count"),
      align: "end",
      render: (job) => (job.count === undefined ? "—" : formatNumber(job.count, labels.language)),
    },
    {
      key: "state",
      title: t("jobs.state"),
      render: (job) => <span className={`badge ${stateClass[job.state]}`}>{t(`jobs.${job.state}`)}</span>,
    },
    { key: "begun", title: t("jobs.begun"), render: (job) => <Time at={job.begun} /> },
    { key: "ended", title: t("jobs.ended"), render: (job) => (job.ended ? <Time at={job.ended} /> : "—") },
  ];
  return (
    <PageFrame title={t("jobs.title")} lead={t("jobs.lead")}>
      <Card>
        <PagedList of={jobs} empty={<Empty title={t("jobs.none")} hint={t("jobs.none_hint")} />}>
          <DataTable label={t("jobs.title")} columns={columns} rows={jobs.items} rowKey={(job) => job.id} />
        </PagedList>
      </Card>
    </PageFrame>
  );
}

function Name(props: { job: Job }) {
  const { t } = useTranslation();
  return (
    <>
      {t(`jobs.work_${props.job.title}`, { defaultValue: props.job.title })}
      <div className="fine">
        <code>{props.job.actor ?? props.job.id}</code>
      </div>
    </>
  );
}
