import type { ComponentChildren } from "preact";
import { useCallback, useEffect, useState } from "preact/hooks";
import { api, ask, type Job } from "../../shared/api";
import { formatNumber, formatTime } from "../../shared/format";
import { Asked, Empty } from "./parts";
import { useFieldName } from "./record";
import { useAsking, useGround, useName } from "./state";

export type Page<T> = { items: T[]; next?: string };

/** A list that grows page by page when its reader asks. */
export function Pages<T>(props: {
  id: string;
  fetch: (cursor?: string) => Promise<Page<T>>;
  empty: ComponentChildren;
  row: (item: T) => ComponentChildren;
}) {
  const { say } = useGround();
  const [cursor, setCursor] = useState<string>();
  const [pages, setPages] = useState<Record<string, Page<T>>>({});
  const asking = useAsking(() => props.fetch(cursor), `${props.id} ${cursor ?? ""}`);
  // biome-ignore lint/correctness/useExhaustiveDependencies: an answer belongs to the cursor that it was asked with.
  useEffect(() => {
    const { data } = asking;
    if (data) setPages((old) => ({ ...old, [cursor ?? ""]: data }));
  }, [asking.data]);
  const more = useCallback(() => setCursor(asking.data?.next), [asking.data]);
  const items = Object.values(pages).flatMap((page) => page.items);
  return (
    <>
      <ul class="lines">{items.map(props.row)}</ul>
      <Asked of={asking}>
        {(page) => {
          if (page.next)
            return asking.busy ? null : (
              <button type="button" onClick={more}>
                {say.more}
              </button>
            );
          return page.items.length + items.length === 0 ? props.empty : <p class="fine center">{say.all}</p>;
        }}
      </Asked>
    </>
  );
}

/** Bulk processing, which is open to everyone. */
export function Jobs() {
  const { say } = useGround();
  return (
    <section aria-label={say.jobs}>
      <p class="lead">{say.jobs_lead}</p>
      <Pages<Job>
        id="jobs"
        fetch={(cursor) => ask(api.GET("/api/v1/jobs", { params: { query: { cursor, limit: 20 } } }))}
        empty={<Empty title={say.no_jobs} />}
        row={(job) => <JobLine key={job.id} job={job} />}
      />
    </section>
  );
}

function JobLine(props: { job: Job }) {
  const { say, language } = useGround();
  const name = useName();
  const fieldName = useFieldName(props.job.kind);
  const { job } = props;
  return (
    <li>
      <div class="line-head">
        <strong>{job.title}</strong>
        <span class="fine">{say[job.state]}</span>
      </div>
      <time class="fine" dateTime={job.begun}>
        {formatTime(job.begun, language)}
      </time>
      <dl class="facts">
        <dt>{say.purpose}</dt>
        <dd>{name("purposes", job.purpose)}</dd>
        <dt>{say.basis}</dt>
        <dd>{name("bases", job.basis)}</dd>
        <dt>{say.fields}</dt>
        <dd>{job.fields.map(fieldName).join(language === "zh" ? "、" : ", ")}</dd>
        {job.count !== undefined && (
          <>
            <dt>{say.count}</dt>
            <dd>{formatNumber(job.count, language)}</dd>
          </>
        )}
      </dl>
    </li>
  );
}
