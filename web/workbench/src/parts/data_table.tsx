import { Button } from "antd";
import type { KeyboardEvent, ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Empty, Loading } from "./page";
import { ProblemView } from "./problem_view";

export type Column<T> = {
  key: string;
  title: string;
  render: (row: T) => ReactNode;
  align?: "end";
  /** Heads its row, for screen readers. */
  head?: boolean;
  width?: string;
  /** Its cells say by themselves what they are: a narrow screen does not repeat the title. */
  plain?: boolean;
};

/** A plain table: dense on a desk, one card a row on a narrow screen (the style sheet does it by `data-label`). Roles
 * are written out because a table that the style sheet takes apart is none to a screen reader. */
export function DataTable<T>(props: {
  label: string;
  columns: Column<T>[];
  rows: readonly T[];
  rowKey: (row: T) => string;
  rowClass?: (row: T) => string;
  onRowKey?: (event: KeyboardEvent<HTMLTableElement>) => void;
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard.
    <section className="table-wrap" aria-label={props.label} tabIndex={0}>
      <table role="table" className="data" onKeyDown={props.onRowKey}>
        <thead role="rowgroup">
          <tr role="row">
            {props.columns.map((column) => (
              <th
                key={column.key}
                role="columnheader"
                scope="col"
                className={column.align}
                style={{ width: column.width }}
              >
                {column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {props.rows.map((row) => (
            <tr role="row" key={props.rowKey(row)} className={props.rowClass?.(row)}>
              {props.columns.map((column) =>
                column.head ? (
                  <th key={column.key} role="rowheader" scope="row" data-label={column.title}>
                    {column.render(row)}
                  </th>
                ) : (
                  <td
                    key={column.key}
                    role="cell"
                    data-label={column.plain ? "" : column.title}
                    className={column.align}
                  >
                    {column.render(row)}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

type Paged = {
  isPending: boolean;
  error: unknown;
  items: readonly unknown[];
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage: () => unknown;
  refetch: () => unknown;
};

/** A long log is searched a stretch at a time: nothing in this one is not nothing at all. */
function NoneYet(props: { of: Paged }) {
  const { t } = useTranslation();
  return (
    <Empty title={t("audit.none_yet")} hint={t("audit.none_yet_hint")}>
      <Button className="below" onClick={() => props.of.fetchNextPage()} loading={props.of.isFetchingNextPage}>
        {t("audit.older")}
      </Button>
    </Empty>
  );
}

/** What stands below and instead of a paged list: loading, trouble, emptiness, more. */
export function PagedList(props: { of: Paged; empty: ReactNode; children: ReactNode }) {
  const { t } = useTranslation();
  const { of } = props;
  const retry = () => (of.items.length > 0 ? of.fetchNextPage() : of.refetch());
  return (
    <>
      {of.items.length > 0 && props.children}
      {of.isPending && <Loading />}
      {of.error !== null && !of.isPending && <ProblemView error={of.error} onRetry={retry} />}
      {!of.isPending &&
        of.error === null &&
        of.items.length === 0 &&
        (of.hasNextPage ? <NoneYet of={of} /> : props.empty)}
      {of.items.length > 0 && (
        <div className="list-end">
          {of.hasNextPage ? (
            <Button onClick={() => of.fetchNextPage()} loading={of.isFetchingNextPage}>
              {t("app.more")}
            </Button>
          ) : (
            <span className="fine">{t("app.all_shown", { count: of.items.length })}</span>
          )}
        </div>
      )}
    </>
  );
}
