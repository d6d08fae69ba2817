import { useQueryClient } from "@tanstack/react-query";
import { App, Button, Form, Input, Select } from "antd";
import type { TFunction } from "i18next";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Reasons } from "../../../shared/api";
import { type Decision, type RecordName, sendDecision } from "../data/library";
import type { Link as RecordLink } from "../data/reasons";
import { may, useSession } from "../data/session";
import { useLabels } from "../data/words";
import { useWrite } from "../data/writing";
import { type Column, DataTable } from "../parts/data_table";
import { ProblemView } from "../parts/problem_view";
import { Time } from "../parts/time";
import type { FullGround } from "./entity";

type PastWord = NonNullable<Reasons["decisions"]>[number];
type PastEvent = NonNullable<Reasons["events"]>[number];

function useNameOf(): (record: RecordName) => string {
  const labels = useLabels();
  return (record) => `${labels.source(record.source)} ${record.record}`;
}

/** What people said of the records, and what they may say now. */
export function Words(props: { reasons: Reasons; chosen: RecordLink | undefined }) {
  const { t } = useTranslation();
  const session = useSession();
  const cache = useQueryClient();
  const { message } = App.useApp();
  const nameOf = useNameOf();
  const { reasons, chosen } = props;
  const decide = useWrite(
    (decision: Decision, key) => sendDecision(reasons.kind, decision, key),
    (now) => {
      message.success(`${t("entity.word_done")}。${t("entity.now_in")} ${now.a} ${now.b === now.a ? "" : now.b}`);
      cache.invalidateQueries({ queryKey: ["entity", reasons.kind] });
      cache.invalidateQueries({ queryKey: ["reasons", reasons.kind] });
    },
  );
  if (reasons.decisions === undefined) return null;
  const open = may(session, "decide", "base");
  const undo = (word: PastWord) =>
    decide.mutate({ a: word.a, b: word.b, verdict: "undo", reason: t("entity.word_undo") });
  const columns: Column<PastWord>[] = [
    {
      key: "pair",
      title: t("entity.records"),
      head: true,
      render: (word) => t("entity.word_pair", { a: nameOf(word.a), b: nameOf(word.b) }),
    },
    { key: "verdict", title: t("entity.words"), render: (word) => t(`entity.word_${word.verdict}`) },
    {
      key: "by",
      title: t("entity.who"),
      render: (word) => (
        <>
          {word.by_name ?? word.by} <Time at={word.time} />
          {word.note && <div className="fine">{word.note}</div>}
        </>
      ),
    },
    {
      key: "undo",
      title: t("entity.word_undo"),
      render: (word) =>
        open && (
          <Button size="small" loading={decide.isPending} onClick={() => undo(word)}>
            {t("entity.word_undo")}
          </Button>
        ),
    },
  ];
  return (
    <>
      <h2>{t("entity.words")}</h2>
      {decide.error && <ProblemView error={decide.error} />}
      {reasons.decisions.length === 0 ? (
        <p className="fine">{t("entity.words_none")}</p>
      ) : (
        <DataTable
          label={t("entity.words")}
          columns={columns}
          rows={reasons.decisions}
          rowKey={(word) => `${word.a.source} ${word.a.record} ${word.b.source} ${word.b.record}`}
        />
      )}
      {open && <Say reasons={reasons} chosen={chosen} busy={decide.isPending} onSay={decide.mutate} />}
    </>
  );
}

function required(t: TFunction, what: string) {
  return [{ required: true, message: t("app.required", { what }) }];
}

type Saying = { reasons: Reasons; chosen: RecordLink | undefined; busy: boolean; onSay: (word: Decision) => void };

function Say(props: Saying) {
  const { t } = useTranslation();
  const nameOf = useNameOf();
  const [form] = Form.useForm<{ reason: string; source?: string; record?: string }>();
  const [uniting, setUniting] = useState(false);
  const { reasons, chosen } = props;
  const [a, b] = chosen ? [reasons.records[chosen.a], reasons.records[chosen.b]] : [];
  const first = a ?? reasons.records[0];
  const send = () =>
    form.validateFields().then(
      ({ reason, source, record }) => {
        if (!first) return;
        if (uniting && source && record) {
          props.onSay({ a: first, b: { source, record: record.trim() }, verdict: "same", reason });
        } else if (b) {
          props.onSay({ a: first, b, verdict: "different", reason });
        }
      },
      () => undefined,
    );
  return (
    <Form form={form} layout="vertical" className="below">
      <div className="row">
        <Button
          aria-pressed={!uniting}
          type={uniting ? "default" : "primary"}
          ghost={!uniting}
          disabled={!b}
          onClick={() => setUniting(false)}
        >
          {t("entity.not_same")}
        </Button>
        <Button
          aria-pressed={uniting}
          type={uniting ? "primary" : "default"}
          ghost={uniting}
          onClick={() => setUniting(true)}
        >
          {t("entity.is_same")}
        </Button>
      </div>
      <p className="fine">
        {uniting
          ? t("entity.say_same")
          : b && first
            ? t("entity.say_different", { pair: t("entity.word_pair", { a: nameOf(first), b: nameOf(b) }) })
            : t("entity.one_record")}
      </p>
      {uniting && <OtherRecord />}
      <Form.Item
        name="reason"
        label={t("entity.word_reason")}
        extra={t("entity.word_kept")}
        rules={required(t, t("entity.word_reason"))}
      >
        <Input maxLength={1000} />
      </Form.Item>
      <Button type="primary" loading={props.busy} disabled={!uniting && !b} onClick={send}>
        {uniting ? t("entity.is_same") : t("entity.not_same")}
      </Button>
    </Form>
  );
}

/** Which record is the same, by its source and number. */
function OtherRecord() {
  const { t } = useTranslation();
  const labels = useLabels();
  return (
    <div className="row">
      <Form.Item name="source" label={t("entity.other_source")} rules={required(t, t("entity.other_source"))}>
        <Select
          className="wide-choice"
          options={labels.words.sources.map((source) => ({ value: source.id, label: labels.source(source.id) }))}
        />
      </Form.Item>
      <Form.Item name="record" label={t("entity.other_record")} rules={required(t, t("entity.other_record"))}>
        <Input maxLength={1024} />
      </Form.Item>
    </div>
  );
}

/** What became of it over time. Ids of others lead to their pages. */
export function History(props: { reasons: Reasons; ground: FullGround }) {
  const { t, i18n } = useTranslation();
  const { kind, events = [] } = props.reasons;
  const words = (event: PastEvent) => {
    const key = `entity.event_${event.event}`;
    return i18n.exists(key) ? t(key as "entity.event_changed", { count: event.records ?? 0 }) : event.event;
  };
  return (
    <>
      <h2>{t("entity.history")}</h2>
      {events.length === 0 && <p className="fine">{t("entity.history_none")}</p>}
      <ol className="timeline">
        {events.map((event) => (
          <li key={`${event.time} ${event.event} ${event.other ?? ""}`}>
            <Time at={event.time} /> {words(event)}{" "}
            {event.other && (
              <Link to={`/entities/${kind}/${event.other}?${new URLSearchParams(props.ground)}`}>{event.other}</Link>
            )}
          </li>
        ))}
      </ol>
    </>
  );
}
