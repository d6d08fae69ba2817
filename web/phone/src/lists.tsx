import type { ComponentChildren } from "preact";
import { useCallback, useEffect, useState } from "preact/hooks";
import { api, ask, type Disclosure, type Job } from "../../shared/api";
import { formatNumber, formatTime } from "../../shared/format";
import type { Ground as ReadGround } from "../../shared/ground";
import { Asked, Empty } from "./parts";
import { type Subject, useFieldName } from "./record";
import { useAsking, useGround, useName } from "./state";

type Page<T> = { items: T[]; next?: string };

/** A list that grows page by page when its reader asks. */
function Pages<T>(props: {
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

/** Who has looked at the reader's data. */
export function Ledger(props: { subject: Subject; ground: ReadGround }) {
  const { say } = useGround();
  const { subject, ground } = props;
  const limit = 20;
  return (
    <section aria-label={say.ledger}>
      <p class="lead">{say.ledger_lead}</p>
      <Pages<Disclosure>
        id={`${subject.kind} ${subject.id} ${ground.purpose} ${ground.basis}`}
        fetch={(cursor) =>
          ask(
            api.GET("/api/v1/entities/{kind}/{id}/disclosures", {
              params: { path: subject, query: { ...ground, cursor, limit } },
            }),
          )
        }
        empty={<Empty title={say.no_ledger} hint={say.no_ledger_hint} />}
        row={(line) => <Line key={line.entry} line={line} kind={subject.kind} />}
      />
    </section>
  );
}

function Line(props: { line: Disclosure; kind: string }) {
  const { say, language } = useGround();
  const name = useName();
  const fieldName = useFieldName(props.kind);
  const { line } = props;
  const asked = line.asked && `asked_${line.asked}` in say ? say[`asked_${line.asked}` as "asked_read"] : line.asked;
  const comma = language === "zh" ? "、" : ", ";
  return (
    <li>
      <div class="line-head">
        <strong>{line.actor_name ?? line.actor}</strong>
        <span class="fine">{asked}</span>
      </div>
      <time class="fine" dateTime={line.time}>
        {formatTime(line.time, language)}
      </time>
      <dl class="facts">
        <dt>{say.purpose}</dt>
        <dd>{name("purposes", line.purpose)}</dd>
        <dt>{say.basis}</dt>
        <dd>{name("bases", line.basis)}</dd>
        {line.fields.length > 0 && (
          <>
            <dt>{say.fields}</dt>
            <dd>
              {line.fields.map((one) => fieldName(one.field) + (one.masked ? ` (${say.masked})` : "")).join(comma)}
            </dd>
          </>
        )}
        <dt>{say.entry}</dt>
        <dd class="mono">{line.entry}</dd>
      </dl>
    </li>
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
