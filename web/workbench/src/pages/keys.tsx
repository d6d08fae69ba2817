import { KeyOutlined } from "@ant-design/icons";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Drawer, Form, Input, InputNumber, Modal, Popconfirm } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type ApiKey, api, ask } from "../../../shared/api";
import { useLabels } from "../data/words";
import { keyed, useWrite } from "../data/writing";
import { CopyButton } from "../parts/copy";
import { type Column, DataTable } from "../parts/data_table";
import { Answered, Card, Empty, PageFrame } from "../parts/page";
import { PostFields, useOwnArea } from "../parts/post_fields";
import { ProblemView } from "../parts/problem_view";
import { Time } from "../parts/time";

type Issued = { id: string; key: string };
type NewKey = { name: string; role: string; department?: string; area?: string; days: number };

function stateOf(key: ApiKey): "revoked" | "expired" | "valid" {
  if (key.revoked) return "revoked";
  return new Date(key.expires).getTime() <= Date.now() ? "expired" : "valid";
}

export default function KeysPage() {
  const { t } = useTranslation();
  const cache = useQueryClient();
  const [issuing, setIssuing] = useState(false);
  const [issued, setIssued] = useState<Issued>();
  const keys = useQuery({
    queryKey: ["keys"],
    queryFn: async () => (await ask(api.GET("/api/v1/keys"))).items,
    staleTime: 0,
  });
  const take = (key: Issued) => {
    setIssuing(false);
    setIssued(key);
    cache.invalidateQueries({ queryKey: ["keys"] });
  };
  const extra = (
    <Button type="primary" icon={<KeyOutlined aria-hidden />} onClick={() => setIssuing(true)}>
      {t("keys.issue")}
    </Button>
  );
  return (
    <PageFrame title={t("keys.title")} lead={t("keys.lead")} extra={extra}>
      <Card>
        <Answered of={keys}>
          {keys.data?.length === 0 ? (
            <Empty title={t("keys.none")} hint={t("keys.none_hint")} />
          ) : (
            <KeyTable keys={keys.data ?? []} />
          )}
        </Answered>
      </Card>
      <Drawer open={issuing} onClose={() => setIssuing(false)} title={t("keys.issue")} size={460} destroyOnHidden>
        <IssueForm onIssued={take} />
      </Drawer>
      <Once issued={issued} onClose={() => setIssued(undefined)} />
    </PageFrame>
  );
}

function KeyTable(props: { keys: ApiKey[] }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const { message } = App.useApp();
  const cache = useQueryClient();
  const revoke = useWrite(
    (id: string, key) => ask(api.DELETE("/api/v1/keys/{key}", { params: { path: { key: id }, header: keyed(key) } })),
    () => {
      message.success(t("keys.revoked_done"));
      cache.invalidateQueries({ queryKey: ["keys"] });
    },
  );
  const classes = { valid: "good", expired: "refused", revoked: "bad" } as const;
  const columns: Column<ApiKey>[] = [
    { key: "name", title: t("keys.name"), head: true, render: (key) => <KeyName of={key} /> },
    { key: "role", title: t("accounts.posts"), render: (key) => labels.post(key) },
    {
      key: "state",
      title: t("keys.state"),
      render: (key) => <span className={`badge ${classes[stateOf(key)]}`}>{t(`keys.${stateOf(key)}`)}</span>,
    },
    { key: "created", title: t("keys.created"), render: (key) => <Time at={key.created} /> },
    { key: "expires", title: t("keys.expires"), render: (key) => <Time at={key.expires} /> },
    { key: "last", title: t("keys.last_day"), render: (key) => key.last_day ?? t("keys.never") },
    {
      key: "revoke",
      title: t("keys.revoke"),
      plain: true,
      render: (key) =>
        stateOf(key) === "valid" && (
          <Popconfirm title={t("keys.revoke_confirm", { name: key.name })} onConfirm={() => revoke.mutate(key.id)}>
            <Button size="small" danger aria-label={`${t("keys.revoke")}: ${key.name}`}>
              {t("keys.revoke")}
            </Button>
          </Popconfirm>
        ),
    },
  ];
  return (
    <>
      {revoke.error && <ProblemView error={revoke.error} />}
      <DataTable label={t("keys.title")} columns={columns} rows={props.keys} rowKey={(key) => key.id} />
    </>
  );
}

function KeyName(props: { of: ApiKey }) {
  return (
    <>
      {props.of.name}
      <div className="fine">
        <code>{props.of.id}</code>
      </div>
    </>
  );
}

function IssueForm(props: { onIssued: (issued: Issued) => void }) {
  const { t } = useTranslation();
  const area = useOwnArea();
  const issue = useWrite(
    (body: NewKey, key) => ask(api.POST("/api/v1/keys", { params: { header: keyed(key) }, body })),
    props.onIssued,
  );
  return (
    <Form layout="vertical" onFinish={(body: NewKey) => issue.mutate(body)} initialValues={{ days: 365, area }}>
      {issue.error && <ProblemView error={issue.error} />}
      <Form.Item
        name="name"
        label={t("keys.name")}
        extra={t("keys.name_hint")}
        rules={[{ required: true, message: t("app.required", { what: t("keys.name") }) }]}
      >
        <Input maxLength={100} autoFocus />
      </Form.Item>
      <PostFields />
      <Form.Item
        name="days"
        label={t("keys.days")}
        extra={t("keys.days_hint")}
        rules={[{ required: true, message: t("app.required", { what: t("keys.days") }) }]}
      >
        <InputNumber min={1} max={400} precision={0} />
      </Form.Item>
      <Button type="primary" htmlType="submit" loading={issue.isPending}>
        {t("keys.issue")}
      </Button>
    </Form>
  );
}

/** The key, shown this once. It closes only by the button, so that a slip beside it loses nothing. */
function Once(props: { issued: Issued | undefined; onClose: () => void }) {
  const { t } = useTranslation();
  const { issued } = props;
  return (
    <Modal
      open={issued !== undefined}
      title={t("keys.once_title")}
      closable={false}
      keyboard={false}
      mask={{ closable: false }}
      footer={
        <Button type="primary" onClick={props.onClose}>
          {t("keys.once_done")}
        </Button>
      }
      destroyOnHidden
    >
      <p className="notice amber">{t("keys.once")}</p>
      <pre className="text">{issued?.key}</pre>
      <CopyButton text={issued?.key ?? ""} />
      <p className="fine below">{t("keys.used")}</p>
      <pre className="text">{"Authorization: Bearer key_….…"}</pre>
    </Modal>
  );
}
