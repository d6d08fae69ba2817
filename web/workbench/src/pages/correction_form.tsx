import { useQueryClient } from "@tanstack/react-query";
import { App, Button, Form, Input } from "antd";
import { useTranslation } from "react-i18next";
import { api, ask } from "../../../shared/api";
import { nameIn } from "../../../shared/format";
import type { Dataset } from "../data/catalog";
import { useLabels } from "../data/words";
import { keyed, useWrite } from "../data/writing";
import { ProblemView } from "../parts/problem_view";

/** A value that somebody holds to be wrong. */
export type Claimed = { dataset: Dataset; key: string[]; field: string; seen: string; grant: string };

/** Asks the owner to correct a value. */
export function CorrectionForm(props: { claimed: Claimed; onDone: () => void }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const { language } = useLabels();
  const cache = useQueryClient();
  const { dataset, key, field, seen, grant } = props.claimed;
  const propose = useWrite(
    (written: { proposed: string; reason: string }, idempotency) =>
      ask(
        api.POST("/api/v1/exchange/corrections", {
          params: { header: keyed(idempotency) },
          body: { ...written, dataset: dataset.id, key, field, seen, grant },
        }),
      ),
    () => {
      message.success(t("exchange.corrected"));
      cache.invalidateQueries({ queryKey: ["corrections"] });
      props.onDone();
    },
  );
  const needed = (what: string) => [{ required: true, whitespace: true, message: t("app.required", { what }) }];
  return (
    <Form layout="vertical" autoComplete="off" onFinish={(written) => propose.mutate(written)}>
      <dl className="facts">
        <dt>{t("exchange.field")}</dt>
        <dd>{nameIn(dataset.fields.find((one) => one.id === field)?.title, language) || field}</dd>
        <dt>{t("exchange.seen")}</dt>
        <dd>{seen}</dd>
      </dl>
      <Form.Item name="proposed" label={t("exchange.proposed")} rules={needed(t("exchange.proposed"))}>
        <Input maxLength={1000} />
      </Form.Item>
      <Form.Item name="reason" label={t("exchange.correct_why")} rules={needed(t("exchange.correct_why"))}>
        <Input.TextArea maxLength={1000} rows={3} />
      </Form.Item>
      {propose.error && <ProblemView error={propose.error} />}
      <Button type="primary" htmlType="submit" loading={propose.isPending}>
        {t("exchange.correct")}
      </Button>
    </Form>
  );
}
