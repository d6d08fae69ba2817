import { useEffect, useState } from "preact/hooks";
import { api, ask } from "../../shared/api";
import { formatNumber, formatTime } from "../../shared/format";
import { Asked, go, Link, type Summary, useAsking, useGround } from "./state";
import { Wish } from "./wish";
import { fill } from "./words";

const facets = ["organization", "groups", "tags", "res_format"] as const;
type Query = { q?: string; sort?: "title" | "changed" } & Partial<Record<(typeof facets)[number], string>>;
const pageRows = 20;

function read(): Query {
  const out: Record<string, string> = {};
  for (const [key, value] of new URLSearchParams(location.search)) if (value) out[key] = value;
  return out;
}

function write(asked: Query): void {
  const text = new URLSearchParams(Object.entries(asked).filter(([, value]) => value)).toString();
  go(`/open/${text && `?${text}`}`);
}

function Card(props: { one: Summary }) {
  const { say, language } = useGround();
  const { one } = props;
  return (
    <li class="card">
      <h2>
        <Link to={`/open/data/${one.id}`}>{one.title[language]}</Link>
      </h2>
      <p>{one.summary}</p>
      <p class="fine">
        {one.provider[language]} · {fill(say.rows_count, { count: formatNumber(one.rows, language) })} ·{" "}
        {fill(say.updated, { time: formatTime(one.changed_at, language) })}
      </p>
      <p class="marks">
        {one.formats.map((format) => (
          <span key={format}>{format.toUpperCase()}</span>
        ))}
      </p>
    </li>
  );
}

function Search(props: { asked: Query }) {
  const { say } = useGround();
  const [text, setText] = useState(props.asked.q ?? "");
  useEffect(() => setText(props.asked.q ?? ""), [props.asked.q]);
  return (
    <form
      class="search"
      onSubmit={(event) => {
        event.preventDefault();
        write({ ...props.asked, q: text.trim() });
      }}
    >
      <input
        type="search"
        maxLength={200}
        aria-label={say.search}
        placeholder={say.search}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <button type="submit" class="main">
        {say.search_button}
      </button>
      <label>
        {say.sort}{" "}
        <select
          value={props.asked.sort ?? "title"}
          onChange={(event) => write({ ...props.asked, sort: event.currentTarget.value as "title" | "changed" })}
        >
          <option value="title">{say.sort_title}</option>
          <option value="changed">{say.sort_changed}</option>
        </select>
      </label>
    </form>
  );
}

type Counts = Record<string, { value: string; count: number; zh: string; en: string }[]>;

function Facets(props: { asked: Query; counts: Counts }) {
  const { say, language } = useGround();
  return (
    <div class="facets">
      {facets.map((facet) => (
        <label key={facet}>
          {say[facet]}
          <select
            value={props.asked[facet] ?? ""}
            onChange={(event) => write({ ...props.asked, [facet]: event.currentTarget.value })}
          >
            <option value="">{say.all}</option>
            {(props.counts[facet] ?? []).map((one) => (
              <option key={one.value} value={one.value}>
                {one[language]} ({one.count})
              </option>
            ))}
          </select>
        </label>
      ))}
    </div>
  );
}

type Foreign = { id: string; title: string; description: string; page: string; publisher: string; formats: string };

function Elsewhere(props: { found: Foreign[] }) {
  const { say } = useGround();
  if (props.found.length === 0) return null;
  return (
    <section aria-labelledby="elsewhere">
      <h2 id="elsewhere">{say.elsewhere}</h2>
      <p>{say.elsewhere_lead}</p>
      <ul class="cards">
        {props.found.map((one) => (
          <li class="card" key={one.id}>
            <h3>
              {one.page ? (
                <a href={one.page} rel="noreferrer">
                  {one.title}
                </a>
              ) : (
                one.title
              )}
            </h3>
            <p>{one.description}</p>
            <p class="fine">{[one.publisher, one.formats].filter(Boolean).join(" · ")}</p>
          </li>
        ))}
      </ul>
    </section>
  );
}

export function List() {
  const { say, language } = useGround();
  const asked = read();
  const key = JSON.stringify(asked);
  const [pages, setPages] = useState({ key, count: 1 });
  const count = pages.key === key ? pages.count : 1;
  const query = { ...asked, rows: Math.min(count * pageRows, 100) } as Record<string, string | number>;
  const found = useAsking(() => ask(api.GET("/api/v1/open/datasets", { params: { query } })), JSON.stringify(query));
  return (
    <>
      <h1>{say.title}</h1>
      <p>{say.lead}</p>
      <Search asked={asked} />
      <Asked of={found}>
        {(data) => (
          <>
            <Facets asked={asked} counts={data.facets as Counts} />
            <p role="status">{fill(say.found, { count: formatNumber(data.count, language) })}</p>
            {data.count === 0 && (
              <div class="empty">
                <strong>{say.none}</strong>
                <p>{say.none_hint}</p>
              </div>
            )}
            <ul class="cards">
              {data.items.map((one) => (
                <Card key={one.id} one={one} />
              ))}
            </ul>
            {data.items.length < data.count && data.items.length < 100 && (
              <button type="button" onClick={() => setPages({ key, count: count + 1 })}>
                {say.more}
              </button>
            )}
            <Elsewhere found={data.elsewhere ?? []} />
          </>
        )}
      </Asked>
      <Wish />
    </>
  );
}
