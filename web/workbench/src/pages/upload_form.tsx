import { useQueryClient } from "@tanstack/react-query";
import { Button, Form, Input, Progress, Select } from "antd";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { formatNumber } from "../../../shared/format";
import { type Batch, type Kind, landed, sendFile } from "../data/upload";
import { useLabels } from "../data/words";
import { Card } from "../parts/page";
import { ProblemView } from "../parts/problem_view";
import { batchPath } from "./batches";

const lookMs = 1000;

type Asked = { batch: string; kind: Kind };
type Stage =
  | { at: "idle" }
  | { at: "sending"; sent: number; size: number }
  | { at: "checking" }
  | { at: "failed"; error: unknown }
  | { at: "refused"; error: string; hint?: string };

function today(): string {
  return new Date().toLocaleDateString("sv-SE");
}

/** Sending a batch, stage by stage. A lost network is waited for; who comes back later, names the same batch and file and
 * goes on. */
function useSending(dataset: string) {
  const navigate = useNavigate();
  const cache = useQueryClient();
  const [stage, setStage] = useState<Stage>({ at: "idle" });
  const ending = useRef<AbortController>(null);
  useEffect(() => () => ending.current?.abort(), []);
  const arrived = (batch: Batch) => {
    cache.invalidateQueries({ queryKey: ["batches", dataset] });
    cache.invalidateQueries({ queryKey: ["trend", dataset] });
    navigate(batchPath(batch.id));
  };
  const send = async (file: File, { batch, kind }: Asked) => {
    const control = new AbortController();
    ending.current = control;
    const onProgress = (sent: number) => setStage({ at: "sending", sent, size: file.size });
    try {
      onProgress(0);
      const sent = await sendFile({ dataset, batch, kind, file, onProgress, signal: control.signal });
      if (sent.earlier) return arrived(sent.earlier);
      setStage({ at: "checking" });
      const answer = await landed(sent.upload?.id ?? "", control.signal, lookMs);
      if ("batch" in answer) return arrived(answer.batch);
      setStage({ at: "refused", error: answer.error, hint: answer.hint });
    } catch (error) {
      if (!control.signal.aborted) setStage({ at: "failed", error });
    }
  };
  const stop = () => {
    ending.current?.abort();
    setStage({ at: "idle" });
  };
  return { stage, send, stop };
}

export function UploadForm(props: { dataset: string }) {
  const { t } = useTranslation();
  const [file, setFile] = useState<File>();
  const { stage, send, stop } = useSending(props.dataset);
  const busy = stage.at === "sending" || stage.at === "checking";
  return (
    <Card title={t("ingest.send")}>
      <Form<Asked>
        layout="vertical"
        initialValues={{ batch: today(), kind: "full" }}
        onFinish={(asked) => file && send(file, asked)}
        disabled={busy}
      >
        <Fields busy={busy} onFile={setFile} />
        <Button type="primary" htmlType="submit" disabled={!file || busy} loading={busy}>
          {t("ingest.send")}
        </Button>
      </Form>
      <Progressing stage={stage} onStop={stop} />
    </Card>
  );
}

function Fields(props: { busy: boolean; onFile: (file: File | undefined) => void }) {
  const { t } = useTranslation();
  return (
    <div className="form-row">
      <Form.Item
        name="batch"
        label={t("ingest.batch")}
        extra={t("ingest.batch_hint")}
        rules={[{ required: true, message: t("app.required", { what: t("ingest.batch") }) }]}
      >
        <Input maxLength={100} />
      </Form.Item>
      <Form.Item name="kind" label={t("ingest.kind")} extra={t("ingest.kind_hint")}>
        <Select
          options={(["full", "changes"] as const).map((one) => ({ value: one, label: t(`ingest.kind_${one}`) }))}
        />
      </Form.Item>
      <Form.Item label={t("ingest.file")} htmlFor="upload-file" extra={t("ingest.file_hint")}>
        <input
          id="upload-file"
          type="file"
          disabled={props.busy}
          onChange={(event) => props.onFile(event.target.files?.[0])}
        />
      </Form.Item>
    </div>
  );
}

function Progressing(props: { stage: Stage; onStop: () => void }) {
  const { t } = useTranslation();
  const { language } = useLabels();
  const { stage } = props;
  const bytes = (value: number) => `${formatNumber(value / (1 << 20), language, 1)} MiB`;
  return (
    <>
      <div role="status" className="below">
        {stage.at === "sending" && (
          <>
            <Progress
              percent={stage.size === 0 ? 100 : Math.floor((stage.sent / stage.size) * 100)}
              aria-label={t("ingest.sending")}
            />
            <p className="fine">
              {t("ingest.sent", { sent: bytes(stage.sent), size: bytes(stage.size) })}{" "}
              <Button size="small" onClick={props.onStop}>
                {t("ingest.stop")}
              </Button>
            </p>
          </>
        )}
        {stage.at === "checking" && <p>{t("ingest.checking")}</p>}
      </div>
      {stage.at === "failed" && <ProblemView error={stage.error} />}
      {stage.at === "refused" && (
        <div role="alert" className="notice amber">
          <strong>{t("ingest.refused")}</strong>
          <p>{stage.error}</p>
          {stage.hint && <p>{stage.hint}</p>}
        </div>
      )}
    </>
  );
}
