import { useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Drawer, Form, Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask } from "../../../shared/api";
import { ownDepartments, type Question, useBasisToCorrect, useQuestionWords } from "../data/exchange";
import { useSession } from "../data/session";
import { keyed, useWrite } from "../data/writing";
import { type Column, DataTable } from "../parts/data_table";
import { Due } from "../parts/due";
import { Answered, Card, Empty, PageFrame } from "../parts/page";
import { ProblemView } from "../parts/problem_view";
import { Time } from "../parts/time";

/** What residents ask the own department about lines of their ledgers. */
export default function QuestionsPage() {
  const { t } = useTranslation();
  const session = useSession();
  const department = ownDepartments(session)[0] ?? "";
  const [chosen, setChosen] = useState<Question>();
  const questions = useQuery({
    queryKey: ["questions", department],
    queryFn: async () =>
      (await ask(api.GET("/api/v1/exchange/questions", { params: { query: { department } } }))).items,
    staleTime: 0,
  });
  const columns: Column<Question>[] = [
    { key: "asked", title: t("exchange.asked_at"), head: true, render: (one) => <Time at={one.asked} /> },
    { key: "line", title: t("exchange.line"), render: (one) => <code>{one.line}</code> },
    { key: "due", title: t("exchange.due"), render: (one) => <Due of={one} /> },
    {
      key: "open",
      title: t("exchange.open"),
      plain: true,
      render: (one) => (
        <Button size="small" aria-label={t("exchange.open_of", { name: one.line })} onClick={() => setChosen(one)}>
          {t("exchange.open")}
        </Button>
      ),
    },
  ];
  return (
    <PageFrame title={t("exchange.questions")} lead={t("exchange.questions_lead")}>
      <Card>
        <Answered of={questions}>
          {questions.data?.length === 0 ? (
            <Empty title={t("exchange.questions_none")} hint={t("exchange.questions_none_hint")} />
          ) : (
            <DataTable
              label={t("exchange.questions")}
              columns={columns}
              rows={questions.data ?? []}
              rowKey={(one) => one.id}
            />
          )}
        </Answered>
      </Card>
      <Drawer
        open={chosen !== undefined}
        onClose={() => setChosen(undefined)}
        title={t("exchange.question")}
        size={520}
        destroyOnHidden
      >
        {chosen && <QuestionPanel question={chosen} onDone={() => setChosen(undefined)} />}
      </Drawer>
    </PageFrame>
  );
}

function QuestionPanel(props: { question: Question; onDone: () => void }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const cache = useQueryClient();
  const words = useQuestionWords(props.question.id, useBasisToCorrect(), true);
  const answer = useWrite(
    (body: { text: string }, key) =>
      ask(
        api.POST("/api/v1/exchange/questions/{question}/answer", {
          params: { path: { question: props.question.id }, header: keyed(key) },
          body,
        }),
      ),
    () => {
      message.success(t("exchange.reply_done"));
      for (const list of ["questions", "question"]) cache.invalidateQueries({ queryKey: [list] });
      props.onDone();
    },
  );
  return (
    <>
      <p className="fine">{t("exchange.words_note")}</p>
      <Answered of={words}>
        <blockquote className="notice">{words.data?.asked}</blockquote>
        <Form layout="vertical" onFinish={(body: { text: string }) => answer.mutate(body)}>
          <Form.Item
            name="text"
            label={t("exchange.reply")}
            rules={[{ required: true, whitespace: true, message: t("app.required", { what: t("exchange.reply") }) }]}
          >
            <Input.TextArea maxLength={1000} rows={4} />
          </Form.Item>
          {answer.error && <ProblemView error={answer.error} />}
          <Button type="primary" htmlType="submit" loading={answer.isPending}>
            {t("exchange.reply")}
          </Button>
        </Form>
      </Answered>
    </>
  );
}
