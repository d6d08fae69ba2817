import { UserAddOutlined } from "@ant-design/icons";
import { useQueryClient } from "@tanstack/react-query";
import { Button, Drawer, Form, Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Account, api, ask } from "../../../shared/api";
import { usePages } from "../data/pages";
import { may, useSession } from "../data/session";
import { useLabels } from "../data/words";
import { keyed, useWrite } from "../data/writing";
import { type Column, DataTable, PagedList } from "../parts/data_table";
import { Card, Empty, PageFrame } from "../parts/page";
import { ProblemView } from "../parts/problem_view";
import { AccountPanel } from "./account_panel";

const stateClass = { active: "good", locked: "bad", closed: "refused" } as const;

export function AccountState(props: { state: Account["state"] }) {
  const { t } = useTranslation();
  return <span className={`badge ${stateClass[props.state]}`}>{t(`accounts.${props.state}`)}</span>;
}

export default function AccountsPage() {
  const { t } = useTranslation();
  const session = useSession();
  const cache = useQueryClient();
  const [managed, setManaged] = useState<string>();
  const [creating, setCreating] = useState(false);
  const mayManage = may(session, "manage", "account");
  const accounts = usePages<Account>(["accounts"], (cursor) =>
    ask(api.GET("/api/v1/accounts", { params: { query: { cursor, limit: 100 } } })),
  );
  const created = (account: Account) => {
    setCreating(false);
    setManaged(account.id);
    cache.invalidateQueries({ queryKey: ["accounts"] });
  };
  const extra = mayManage && (
    <Button type="primary" icon={<UserAddOutlined aria-hidden />} onClick={() => setCreating(true)}>
      {t("accounts.create")}
    </Button>
  );
  return (
    <PageFrame title={t("accounts.title")} extra={extra}>
      <Card>
        <PagedList of={accounts} empty={<Empty title={t("accounts.none")} hint={t("accounts.none_hint")} />}>
          <AccountTable accounts={accounts.items} onOpen={mayManage ? setManaged : undefined} />
        </PagedList>
      </Card>
      <Drawer
        open={creating}
        onClose={() => setCreating(false)}
        title={t("accounts.create")}
        size={460}
        destroyOnHidden
      >
        <CreateForm onCreated={created} />
      </Drawer>
      <AccountPanel id={managed} onClose={() => setManaged(undefined)} />
    </PageFrame>
  );
}

function AccountTable(props: { accounts: Account[]; onOpen?: (id: string) => void }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const { onOpen } = props;
  const columns: Column<Account>[] = [
    { key: "login", title: t("accounts.login"), head: true, render: (account) => account.login },
    { key: "name", title: t("accounts.name"), render: (account) => account.name },
    { key: "state", title: t("accounts.state"), render: (account) => <AccountState state={account.state} /> },
    {
      key: "posts",
      title: t("accounts.posts"),
      render: (account) =>
        account.posts.length === 0 ? (
          <span className="fine">{t("accounts.no_posts")}</span>
        ) : (
          <ul>
            {account.posts.map((post) => (
              <li key={labels.post(post)}>{labels.post(post)}</li>
            ))}
          </ul>
        ),
    },
    {
      key: "factor",
      title: t("accounts.factor"),
      render: (account) => (
        <>
          {t(account.has_second_factor ? "accounts.factor_on" : "accounts.factor_off")}
          {account.has_password === false && <div className="fine">{t("accounts.password_off")}</div>}
        </>
      ),
    },
  ];
  if (onOpen)
    columns.push({
      key: "open",
      title: t("accounts.open"),
      plain: true,
      render: (account) => (
        <Button
          size="small"
          aria-label={t("accounts.manage", { name: account.name })}
          onClick={() => onOpen(account.id)}
        >
          {t("accounts.open")}
        </Button>
      ),
    });
  return (
    <DataTable label={t("accounts.title")} columns={columns} rows={props.accounts} rowKey={(account) => account.id} />
  );
}

type NewAccount = { login: string; name: string; external_id?: string };

function CreateForm(props: { onCreated: (account: Account) => void }) {
  const { t } = useTranslation();
  const create = useWrite(
    (body: NewAccount, key) => ask(api.POST("/api/v1/accounts", { params: { header: keyed(key) }, body })),
    props.onCreated,
  );
  const submit = (form: NewAccount) =>
    create.mutate({ login: form.login, name: form.name, external_id: form.external_id || undefined });
  return (
    <Form layout="vertical" onFinish={submit} autoComplete="off">
      {create.error && <ProblemView error={create.error} />}
      <Form.Item
        name="login"
        label={t("accounts.login")}
        extra={t("accounts.login_hint")}
        rules={[{ required: true, message: t("app.required", { what: t("accounts.login") }) }]}
      >
        <Input maxLength={100} autoFocus />
      </Form.Item>
      <Form.Item
        name="name"
        label={t("accounts.name")}
        rules={[{ required: true, message: t("app.required", { what: t("accounts.name") }) }]}
      >
        <Input maxLength={100} />
      </Form.Item>
      <Form.Item name="external_id" label={t("accounts.external_id")} extra={t("accounts.external_id_hint")}>
        <Input maxLength={500} />
      </Form.Item>
      <Button type="primary" htmlType="submit" loading={create.isPending}>
        {t("accounts.create")}
      </Button>
    </Form>
  );
}
