import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Input, Select } from "antd";
import { useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { api, ask } from "../../../shared/api";
import { formatNumber, formatProbability } from "../../../shared/format";
import {
  type Base,
  type Decision,
  type Doubt,
  type DoubtfulPair,
  sendDecision,
  useBasesQuery,
  type Verdict,
} from "../data/library";
import { may, useSession } from "../data/session";
import { useLabels } from "../data/words";
import { useWrite } from "../data/writing";
import { type Column, DataTable } from "../parts/data_table";
import { Answered, Card, Empty, PageFrame } from "../parts/page";
import { ProblemView } from "../parts/problem_view";
import { type Ground, PurposeBasis, rememberedGround, rememberGround } from "../parts/purpose_basis";
import type { FullGround } from "./entity";
import { PartTable } from "./entity_reasons";
import { FieldName, type Row, rowsOf, ValueCell } from "./entity_values";

/** Pairs that the program leaves to people: what each side says, what speaks for and against, and their word on it. */
export default function ReviewPage() {
  const { t } = useTranslation();
  const labels = useLabels();
  const bases = useBasesQuery();
  const [search, setSearch] = useSearchParams();
  const kinds = bases.data?.items ?? [];
  const kind = kinds.find((base) => base.kind === search.get("kind")) ?? kinds[0];
  const [ground, setGround] = useState<Ground>(() => rememberedGround(labels));
  const [begun, setBegun] = useState(false);
  const { purpose, basis } = ground;
  return (
    <PageFrame title={t("review.title")} lead={t("review.lead")}>
      <Answered of={bases}>
        {kind === undefined ? (
          <Empty title={t("review.no_base")} hint={t("review.no_base_hint")} />
        ) : (
          <>
            <Kinds bases={kinds} chosen={kind.kind} onChoose={(id) => setSearch({ kind: id })} />
            {begun && purpose && basis ? (
              <Desk key={kind.kind} kind={kind.kind} ground={{ purpose, basis }} />
            ) : (
              <Card>
                <Empty title={t("entity.choose_purpose")} hint={t("review.choose_purpose_hint")} />
                <div className="ask">
                  <PurposeBasis action="read" kind={kind.kind} value={ground} onChange={setGround} />
                  <div className="go">
                    <Button
                      type="primary"
                      size="large"
                      disabled={!purpose || !basis}
                      onClick={() => {
                        rememberGround(ground);
                        setBegun(true);
                      }}
                    >
                      {t("review.begin")}
                    </Button>
                  </div>
                </div>
              </Card>
            )}
          </>
        )}
      </Answered>
    </PageFrame>
  );
}

function Kinds(props: { bases: Base[]; chosen: string; onChoose: (kind: string) => void }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const number = (value: number) => formatNumber(value, labels.language);
  const chosen = props.bases.find((base) => base.kind === props.chosen);
  return (
    <Card>
      <fieldset className="row plain" aria-label={t("review.kind")}>
        {props.bases.map((base) => (
          <Button
            key={base.kind}
            type={base.kind === props.chosen ? "primary" : "default"}
            aria-pressed={base.kind === props.chosen}
            onClick={() => props.onChoose(base.kind)}
          >
            {t("review.kind_count", { kind: labels.kind(base.kind), doubts: number(base.doubts) })}
          </Button>
        ))}
      </fieldset>
      {chosen && (
        <p className="fine">
          {chosen.state === "ready"
            ? t("review.standing", { records: number(chosen.records), entities: number(chosen.entities) })
            : t(`review.state_${chosen.state}`)}
        </p>
      )}
    </Card>
  );
}

const reasons = ["checked", "documents", "contacted", "obvious"] as const;

/** The list, from the most open question on, and the pair in it that is looked at. */
function usePair(kind: string, ground: FullGround, place: number) {
  const doubts = useQuery({
    queryKey: ["doubts", kind],
    queryFn: () => ask(api.GET("/api/v1/bases/{kind}/doubts", { params: { path: { kind }, query: { limit: 100 } } })),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const doubt = doubts.data?.items[place];
  const { a, b } = doubt ?? { a: "", b: "" };
  const pair = useQuery({
    queryKey: ["doubt", kind, a, b, ground],
    queryFn: () =>
      ask(api.GET("/api/v1/bases/{kind}/doubts/{a}/{b}", { params: { path: { kind, a, b }, query: ground } })),
    enabled: doubt !== undefined,
    retry: false,
  });
  return { doubts, doubt, pair };
}

/** One pair after the other. */
function Desk(props: { kind: string; ground: FullGround }) {
  const { t } = useTranslation();
  const session = useSession();
  const cache = useQueryClient();
  const [place, setPlace] = useState(0);
  const [last, setLast] = useState<Decision>();
  const { doubts, doubt, pair } = usePair(props.kind, props.ground, place);
  const decide = useWrite(
    (decision: Decision, key) => sendDecision(props.kind, decision, key),
    (_now, decision) => {
      cache.invalidateQueries({ queryKey: ["bases"] });
      const undone = decision.verdict === "undo";
      setLast(undone ? undefined : decision);
      setPlace((at) => (undone ? Math.max(0, at - 1) : at + 1));
    },
  );
  const say = (verdict: Verdict, reason: string) =>
    pair.data && decide.mutate({ a: pair.data.record_a, b: pair.data.record_b, verdict, reason });
  return (
    <Answered of={doubts}>
      <p role="status" className="fine">
        {doubt
          ? t("review.place", { place: place + 1, count: doubts.data?.count ?? 0 })
          : t("review.done", { count: place })}
      </p>
      {decide.error && <ProblemView error={decide.error} />}
      <Controls
        open={pair.data !== undefined && may(session, "decide", "base")}
        busy={decide.isPending}
        onSay={say}
        onLater={doubt && (() => setPlace((at) => at + 1))}
        onUndo={last && (() => decide.mutate({ ...last, verdict: "undo" }))}
      />
      {doubt && <Pair kind={props.kind} doubt={doubt} ground={props.ground} pair={pair} />}
      {!doubt && (
        <Empty title={t("review.none")} hint={t("review.none_hint")}>
          <Button className="below" onClick={() => doubts.refetch().then(() => setPlace(0))}>
            {t("review.look_again")}
          </Button>
        </Empty>
      )}
    </Answered>
  );
}

type Doing = {
  open: boolean;
  busy: boolean;
  onSay: (verdict: Verdict, reason: string) => void;
  onLater: (() => void) | undefined;
  onUndo: (() => void) | undefined;
};

/** Keys: 1 same, 2 different, 3 later, 0 takes the last word back. */
function Controls(props: Doing) {
  const { t } = useTranslation();
  const [reason, setReason] = useState<string>(t("review.reason_checked"));
  const reasonId = useId();
  const { busy, onLater, onUndo } = props;
  const closed = busy || !props.open || !reason.trim();
  const say = (verdict: Verdict) => !closed && props.onSay(verdict, reason.trim());
  const later = () => !busy && onLater?.();
  const undo = () => !busy && onUndo?.();
  useKeys({ "1": () => say("same"), "2": () => say("different"), "3": later, "0": undo });
  return (
    <Card>
      <div className="row">
        <Button type="primary" disabled={closed} loading={busy} onClick={() => say("same")}>
          {t("review.same")} <kbd>1</kbd>
        </Button>
        <Button danger disabled={closed} onClick={() => say("different")}>
          {t("review.different")} <kbd>2</kbd>
        </Button>
        <Button disabled={busy || !onLater} onClick={later}>
          {t("review.later")} <kbd>3</kbd>
        </Button>
        <Button disabled={busy || !onUndo} onClick={undo}>
          {t("review.undo")} <kbd>0</kbd>
        </Button>
      </div>
      <label htmlFor={reasonId} className="fine">
        {t("review.reason")}
      </label>
      <div className="row">
        <Input
          id={reasonId}
          className="wide-input"
          value={reason}
          maxLength={1000}
          onChange={(event) => setReason(event.target.value)}
        />
        <Select
          aria-label={t("review.reason_choose")}
          value={null}
          placeholder={t("review.reason_choose")}
          options={reasons.map((id) => ({ value: t(`review.reason_${id}`), label: t(`review.reason_${id}`) }))}
          onChange={(text: string | null) => text && setReason(text)}
        />
      </div>
    </Card>
  );
}

/** Calls what belongs to a key, unless somebody is writing. */
function useKeys(calls: Record<string, () => void>) {
  const current = useRef(calls);
  useEffect(() => {
    current.current = calls;
  });
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const at = event.target as HTMLElement | null;
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
      if (at?.closest("input, textarea, select, [role=combobox], [contenteditable]")) return;
      current.current[event.key]?.();
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, []);
}

type PairQuery = { isPending: boolean; error: unknown; data?: DoubtfulPair; refetch: () => unknown };

function Pair(props: { kind: string; doubt: Doubt; ground: FullGround; pair: PairQuery }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const { doubt, pair } = props;
  const one = doubt.a === doubt.b;
  return (
    <Answered of={pair}>
      {pair.data && (
        <>
          <Card title={one ? t("review.may_be_two") : t("review.may_be_one")}>
            <p>
              {t("review.records", {
                a: `${labels.source(pair.data.record_a.source)} ${pair.data.record_a.record}`,
                b: `${labels.source(pair.data.record_b.source)} ${pair.data.record_b.record}`,
              })}
            </p>
            <p className="fine">
              {t("entity.probability")} {formatProbability(pair.data.probability, labels.language)} ·{" "}
              {t("entity.weight")}{" "}
              {t("entity.weight_unit", { weight: formatNumber(pair.data.weight, labels.language, 1) })}
            </p>
            <PartTable kind={props.kind} parts={pair.data.parts} />
          </Card>
          <Sides kind={props.kind} ids={one ? [doubt.a] : [doubt.a, doubt.b]} ground={props.ground} />
        </>
      )}
    </Answered>
  );
}

type Compared = { field: string; sides: (Row | undefined)[] };

/** What each side says, field by field beside each other. */
function Sides(props: { kind: string; ids: string[]; ground: FullGround }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const { kind, ids, ground } = props;
  const sides = useQuery({
    queryKey: ["entities", kind, ids, ground],
    queryFn: () =>
      Promise.all(
        ids.map((id) =>
          ask(api.GET("/api/v1/entities/{kind}/{id}", { params: { path: { kind, id }, query: ground } })),
        ),
      ),
  });
  const order = labels.kindOf(kind)?.fields.map((field) => field.id) ?? [];
  const told = (sides.data ?? []).map((entity) => rowsOf(entity, order));
  const fields = [...order, ...told.flat().map((row) => row.field)].filter((id, at, all) => all.indexOf(id) === at);
  const rows: Compared[] = fields
    .map((field) => ({ field, sides: told.map((side) => side.find((row) => row.field === field)) }))
    .filter((row) => row.sides.some((side) => side));
  const columns: Column<Compared>[] = [
    {
      key: "field",
      title: t("entity.field"),
      head: true,
      width: "9em",
      render: (row) => <FieldName row={{ field: row.field }} kind={kind} />,
    },
    ...ids.map((id, at) => ({
      key: id,
      title: `${labels.kind(kind)} ${id}`,
      render: (row: Compared) => <SideCell row={row.sides[at]} kind={kind} />,
    })),
  ];
  return (
    <Card
      title={t("review.sides")}
      extra={
        <span className="row">
          {ids.map((id) => (
            <Link key={id} to={`/entities/${kind}/${id}?${new URLSearchParams(ground)}`}>
              {id}
            </Link>
          ))}
        </span>
      }
    >
      <Answered of={sides}>
        <DataTable label={t("review.sides")} columns={columns} rows={rows} rowKey={(row) => row.field} />
      </Answered>
    </Card>
  );
}

function SideCell(props: { row: Row | undefined; kind: string }) {
  const labels = useLabels();
  if (!props.row) return "—";
  const { value } = props.row;
  return (
    <>
      <ValueCell row={props.row} kind={props.kind} />
      {value && (
        <div className="fine">
          {value.source && labels.source(value.source)} {value.time}
        </div>
      )}
    </>
  );
}
