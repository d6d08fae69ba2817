import { useEffect, useState } from "preact/hooks";
import { api, ask } from "../../shared/api";
import { formatNumber, formatTime } from "../../shared/format";
import { Asked, type Detail, Link, useAsking, useGround } from "./state";
import { Views } from "./views";
import { fill } from "./words";

function useDetail(id: string) {
  return useAsking(
    () => ask(api.GET("/api/v1/open/datasets/{publication}", { params: { path: { publication: id } } })),
    id,
  );
}

function protection(one: Detail, say: ReturnType<typeof useGround>["say"]): string {
  const { check } = one;
  const percent = (share: number) => (share * 100).toFixed(1);
  if (check.epsilon) return fill(say.noisy, { epsilon: check.epsilon });
  if (check.k_asked <= 1) return say.as_is;
  if (one.shape === "counts") return fill(say.counted, { k: check.k_asked, cells: check.cells_withheld });
  const hidden = fill(say.anonymous, {
    others: check.k - 1,
    max: percent(check.max_risk),
    mean: percent(check.mean_risk),
    suppressed: check.suppressed,
  });
  return check.l > 0 ? `${hidden} ${fill(say.sensitive, { l: check.l })}` : hidden;
}

function Facts(props: { one: Detail }) {
  const { say, language } = useGround();
  const { one } = props;
  const facts: [string, string][] = [
    [say.provider, one.provider[language]],
    [say.version, `${one.version}`],
    [say.changed, formatTime(one.changed_at, language)],
    [say.licence, one.licence],
  ];
  return (
    <section class="card">
      <dl class="facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <h2>{say.hidden}</h2>
      <p>{protection(one, say)}</p>
      <h2>{say.download}</h2>
      <p class="marks">
        {one.formats.map((format) => (
          <a key={format} href={`/api/v1/open/datasets/${one.id}/files/${format}`} download="">
            {format.toUpperCase()}
          </a>
        ))}
      </p>
    </section>
  );
}

function Differences(props: { one: Detail; from: number; to: number }) {
  const { say } = useGround();
  const { one, from, to } = props;
  const asked = useAsking(
    () =>
      ask(
        api.GET("/api/v1/open/datasets/{publication}/differences", {
          params: { path: { publication: one.id }, query: { from, to } },
        }),
      ),
    `${one.id} ${from} ${to}`,
  );
  return (
    <Asked of={asked}>
      {(data) =>
        data.rows.length === 0 ? (
          <p>{say.no_difference}</p>
        ) : (
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be reached by the keyboard.
          <section class="scroll" tabIndex={0} aria-label={say.compare}>
            <table>
              <thead>
                <tr>
                  <th scope="col">{say.before}</th>
                  <th scope="col">{say.after}</th>
                </tr>
              </thead>
              <tbody>
                {data.rows.slice(0, 100).map((row) => (
                  <tr key={JSON.stringify(row)}>
                    <td>{row.before.join(" · ")}</td>
                    <td>{row.after.join(" · ")}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </section>
        )
      }
    </Asked>
  );
}

function Versions(props: { one: Detail }) {
  const { say, language } = useGround();
  const { one } = props;
  const [open, setOpen] = useState(0);
  return (
    <section class="card" aria-labelledby="versions">
      <h2 id="versions">{say.versions}</h2>
      <ul class="versions">
        {one.versions.map((version, at) => (
          <li key={version.version}>
            <p>
              {fill(say.version_line, { ...version })} · {formatTime(version.at, language)}
            </p>
            <p class="fine">
              {say.digest} <code>{version.digest}</code>
            </p>
            {at + 1 < one.versions.length && (
              <button
                type="button"
                aria-expanded={open === version.version}
                onClick={() => setOpen(open === version.version ? 0 : version.version)}
              >
                {say.compare}
              </button>
            )}
            {open === version.version && (
              <Differences one={one} from={one.versions[at + 1]?.version ?? 1} to={version.version} />
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Hints(props: { one: Detail }) {
  const { say } = useGround();
  const { one } = props;
  const { origin } = location;
  const call = `${origin}/api/3/action/datastore_search?resource_id=${one.id}.csv&limit=5`;
  const script = `from ckanapi import RemoteCKAN\nRemoteCKAN("${origin}").action.datastore_search(resource_id="${one.id}.csv", limit=5)`;
  const frame = `<iframe src="${origin}/open/embed/${one.id}" title="${one.title.zh}" width="100%" height="600"></iframe>`;
  return (
    <section class="card" aria-labelledby="api">
      <h2 id="api">{say.api}</h2>
      <p>{say.api_lead}</p>
      {[`curl "${call}"`, script, `${origin}/catalog.jsonld`].map((text) => (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be reached by the keyboard.
        <pre key={text} tabIndex={0}>
          {text}
        </pre>
      ))}
      <h2>{say.embed}</h2>
      <p>{say.embed_lead}</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be reached by the keyboard. */}
      <pre tabIndex={0}>{frame}</pre>
    </section>
  );
}

function Uses(props: { one: Detail }) {
  const { say, language } = useGround();
  const uses = useAsking(
    () => ask(api.GET("/api/v1/open/datasets/{publication}/uses", { params: { path: { publication: props.one.id } } })),
    props.one.id,
  );
  return (
    <section class="card" aria-labelledby="uses">
      <h2 id="uses">{say.uses}</h2>
      <Asked of={uses}>
        {(data) => {
          const sum = (key: "views" | "queries" | "downloads") =>
            formatNumber(
              data.items.reduce((total, day) => total + day[key], 0),
              language,
            );
          return (
            <p>{fill(say.uses_line, { views: sum("views"), queries: sum("queries"), downloads: sum("downloads") })}</p>
          );
        }}
      </Asked>
    </section>
  );
}

export function DetailPage(props: { id: string }) {
  const { say, language } = useGround();
  const asked = useDetail(props.id);
  useEffect(() => {
    if (asked.data) document.title = `${asked.data.title[language]} · ${say.title}`;
  }, [asked.data, language, say]);
  return (
    <>
      <p>
        <Link to="/open/">← {say.back}</Link>
      </p>
      <h1>{asked.data?.title[language] ?? say.title}</h1>
      <Asked of={asked}>
        {(one) => (
          <>
            <p>{one.summary}</p>
            <Facts one={one} />
            <Views one={one} />
            <Versions one={one} />
            <Hints one={one} />
            <Uses one={one} />
          </>
        )}
      </Asked>
    </>
  );
}

/** Within another site's page: the data alone, and where they are from. */
export function EmbedPage(props: { id: string }) {
  const { say, language } = useGround();
  const asked = useDetail(props.id);
  return (
    <main id="main" class="embed">
      <h1>{asked.data?.title[language] ?? say.title}</h1>
      <Asked of={asked}>
        {(one) => (
          <>
            <Views one={one} />
            <p class="fine">
              <a href={`/open/data/${one.id}`} target="_blank" rel="noreferrer">
                {fill(say.source, { title: one.provider[language] })}
              </a>
            </p>
          </>
        )}
      </Asked>
    </main>
  );
}
