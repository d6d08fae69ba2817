import { useState } from "preact/hooks";
import { api, ask } from "../../shared/api";
import { formatNumber } from "../../shared/format";
import { MapView } from "./map";
import { Asked, type Column, type Detail, useAsking, useGround } from "./state";
import { fill } from "./words";

const pageRows = 50;
const mostRows = 32_000;
type Cell = string | number | null;
type Order = { column: string; down: boolean };

function Head(props: { columns: Column[]; order: Order | undefined; onOrder: (order: Order) => void }) {
  const { say, language } = useGround();
  return (
    <tr>
      {props.columns.map((column) => {
        const mine = props.order?.column === column.id ? props.order : undefined;
        return (
          <th
            key={column.id}
            scope="col"
            aria-sort={mine ? (mine.down ? "descending" : "ascending") : "none"}
            class={column.type === "text" ? "" : "number"}
          >
            <button
              type="button"
              class="sort"
              aria-label={fill(say.sort_by, { column: column[language] })}
              onClick={() => props.onOrder({ column: column.id, down: mine ? !mine.down : false })}
            >
              {column[language]}
              <span aria-hidden="true">{mine ? (mine.down ? " ↓" : " ↑") : ""}</span>
            </button>
          </th>
        );
      })}
    </tr>
  );
}

type Page = { total: number; columns: Column[]; rows: Cell[][] };

function Body(props: { page: Page; offset: number }) {
  return (
    <tbody>
      {props.page.rows.map((row, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows have no other name, and none moves.
        <tr key={props.offset + at}>
          {props.page.columns.map((column, i) => (
            <td key={column.id} class={column.type === "text" ? "" : "number"}>
              {row[i]}
            </td>
          ))}
        </tr>
      ))}
    </tbody>
  );
}

function Pager(props: { total: number; offset: number; onTurn: (offset: number) => void }) {
  const { say } = useGround();
  const { total, offset, onTurn } = props;
  if (total <= pageRows) return null;
  return (
    <p class="pages">
      <button type="button" disabled={offset === 0} onClick={() => onTurn(offset - pageRows)}>
        {say.previous}
      </button>
      <span>{fill(say.page, { from: offset + 1, to: Math.min(offset + pageRows, total) })}</span>
      <button type="button" disabled={offset + pageRows >= total} onClick={() => onTurn(offset + pageRows)}>
        {say.next}
      </button>
    </p>
  );
}

function RowSearch(props: { onWords: (words: string) => void }) {
  const { say } = useGround();
  const [typed, setTyped] = useState("");
  return (
    <form
      class="search"
      onSubmit={(event) => {
        event.preventDefault();
        props.onWords(typed.trim());
      }}
    >
      <input
        type="search"
        maxLength={200}
        aria-label={say.words}
        placeholder={say.words}
        value={typed}
        onInput={(event) => setTyped(event.currentTarget.value)}
      />
      <button type="submit">{say.search_button}</button>
    </form>
  );
}

function Table(props: { one: Detail }) {
  const { say, language } = useGround();
  const { one } = props;
  const [asked, setAsked] = useState<{ words: string; order?: Order; offset: number }>({ words: "", offset: 0 });
  const { words, order, offset } = asked;
  const sort = order && `${order.column} ${order.down ? "desc" : "asc"}`;
  const query = { q: words || undefined, sort, offset, limit: pageRows };
  const rows = useAsking(
    () =>
      ask(api.GET("/api/v1/open/datasets/{publication}/rows", { params: { path: { publication: one.id }, query } })),
    JSON.stringify([one.id, query]),
  );
  return (
    <>
      <RowSearch onWords={(next) => setAsked({ ...asked, words: next, offset: 0 })} />
      <Asked of={rows}>
        {(data) => (
          <>
            <p role="status">{fill(say.total, { count: formatNumber(data.total, language) })}</p>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be reached by the keyboard. */}
            <section class="scroll" tabIndex={0} aria-label={one.title[language]}>
              <table>
                <thead>
                  <Head
                    columns={data.columns}
                    order={order}
                    onOrder={(next) => setAsked({ ...asked, order: next, offset: 0 })}
                  />
                </thead>
                <Body page={data as Page} offset={offset} />
              </table>
            </section>
            <Pager total={data.total} offset={offset} onTurn={(next) => setAsked({ ...asked, offset: next })} />
          </>
        )}
      </Asked>
    </>
  );
}

/** Sums by the values of one column: of the count, where there is one, else of the rows. */
export function sumsBy(columns: Column[], rows: Cell[][], by: string): [string, number][] {
  const at = columns.findIndex((column) => column.id === by);
  const count = columns.findIndex((column) => column.means === "count");
  const sums: Record<string, number> = {};
  for (const row of rows) {
    const key = String(row[at] ?? "");
    sums[key] = (sums[key] ?? 0) + (count < 0 ? 1 : Number(row[count] ?? 0));
  }
  const collator = new Intl.Collator("zh-CN", { numeric: true });
  return Object.entries(sums).sort(([left], [right]) => collator.compare(left, right));
}

const mostBars = 60;

function Chart(props: { one: Detail }) {
  const { say, language } = useGround();
  const { one } = props;
  const choices = one.columns.filter((column) => column.means !== "count");
  const [by, setBy] = useState(choices.at(-1)?.id ?? "");
  const rows = useAsking(
    () =>
      ask(
        api.GET("/api/v1/open/datasets/{publication}/rows", {
          params: { path: { publication: one.id }, query: { limit: mostRows } },
        }),
      ),
    one.id,
  );
  const column = one.columns.find((each) => each.id === by);
  const what = one.columns.find((each) => each.means === "count")?.[language] ?? say.rows;
  return (
    <>
      <label>
        {say.by}{" "}
        <select value={by} onChange={(event) => setBy(event.currentTarget.value)}>
          {choices.map((each) => (
            <option key={each.id} value={each.id}>
              {each[language]}
            </option>
          ))}
        </select>
      </label>
      <Asked of={rows}>
        {(data) => {
          const sums = sumsBy(data.columns, data.rows as Cell[][], by).slice(0, mostBars);
          const most = Math.max(1, ...sums.map(([, sum]) => sum));
          return (
            <table class="bars">
              <caption>{fill(say.chart_label, { what, column: column?.[language] ?? by })}</caption>
              <tbody>
                {sums.map(([value, sum]) => (
                  <tr key={value}>
                    <th scope="row">{value || say.empty_value}</th>
                    <td>
                      <span class="bar" style={{ width: `${(sum / most) * 70}%` }} />
                      {formatNumber(sum, language)}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          );
        }}
      </Asked>
    </>
  );
}

const views = ["table", "chart", "map"] as const;

export function Views(props: { one: Detail }) {
  const { say } = useGround();
  const { one } = props;
  const [view, setView] = useState<(typeof views)[number]>("table");
  const shown = views.filter((each) => each !== "map" || one.formats.includes("geojson"));
  return (
    <section class="card">
      <nav class="tabs" aria-label={say.view}>
        {shown.map((each) => (
          <button
            type="button"
            key={each}
            aria-current={view === each ? "true" : undefined}
            onClick={() => setView(each)}
          >
            {say[each]}
          </button>
        ))}
      </nav>
      {view === "table" && <Table one={one} />}
      {view === "chart" && <Chart one={one} />}
      {view === "map" && <MapView one={one} />}
    </section>
  );
}
