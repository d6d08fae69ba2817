import { useQueryClient } from "@tanstack/react-query";
import { App, Button, Form, Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask } from "../../../shared/api";
import { type Question, useOwnBasis, useQuestionWords } from "../data/exchange";
import { keyed, useWrite } from "../data/writing";
import { useDueWords } from "../parts/due";
import { Answered } from "../parts/page";
import { ProblemView } from "../parts/problem_view";
import { Time } from "../parts/time";
import type { Subject } from "./entity";

/** Asks the body that a line of the own ledger names. */
export function AskForm(props: { subject: Subject; line: string; basis: string; onDone: () => void }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const cache = useQueryClient();
  const { kind, id } = props.subject;
  const send = useWrite(
    (written: { text: string }, key) =>
      ask(
        api.POST("/api/v1/entities/{kind}/{id}/questions", {
          params: { path: { kind, id }, header: keyed(key) },
          body: { ...written, line: props.line, basis: props.basis },
        }),
      ),
    () => {
      message.success(t("exchange.own_sent"));
      cache.invalidateQueries({ queryKey: ["own_questions", kind, id] });
      props.onDone();
    },
  );
  return (
    <Form layout="vertical" onFinish={(written: { text: string }) => send.mutate(written)}>
      <p className="lead">{t("exchange.own_ask_note")}</p>
      <Form.Item
        name="text"
        label={t("exchange.own_text")}
        rules={[{ required: true, whitespace: true, message: t("app.required", { what: t("exchange.own_text") }) }]}
      >
        <Input.TextArea maxLength={1000} rows={4} />
      </Form.Item>
      {send.error && <ProblemView error={send.error} />}
      <Button type="primary" htmlType="submit" loading={send.isPending}>
        {t("exchange.own_send")}
      </Button>
    </Form>
  );
}

/** A question of one's own beside its line: how it stands, and what was asked and answered once it is wanted. */
export function OwnQuestion(props: { question: Question }) {
  const { t } = useTranslation();
  const dueWords = useDueWords();
  const { question } = props;
  const [open, setOpen] = useState(false);
  const words = useQuestionWords(question.id, useOwnBasis(), open);
  const answered = question.state === "answered";
  return (
    <div>
      <span className={`badge ${answered ? "good" : "masked"}`}>
        {answered ? t("exchange.answered") : t("exchange.own_waits", { due: dueWords(question) })}
      </span>{" "}
      {open ? (
        <Answered of={words}>
          <dl className="facts">
            <dt>{t("exchange.own_text")}</dt>
            <dd>{words.data?.asked}</dd>
            {words.data?.answered && (
              <>
                <dt>{t("exchange.reply")}</dt>
                <dd>
                  {words.data.answered}{" "}
                  <span className="fine">
                    <Time at={question.answered} />
                  </span>
                </dd>
              </>
            )}
          </dl>
        </Answered>
      ) : (
        <button type="button" className="link" onClick={() => setOpen(true)}>
          {t("exchange.own_read")}
        </button>
      )}
    </div>
  );
}
