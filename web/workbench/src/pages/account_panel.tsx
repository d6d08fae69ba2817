import { useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Drawer, Form, Input, Popconfirm } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Account, api, ask, askWhole, type Post } from "../../../shared/api";
import { formatTime } from "../../../shared/format";
import { asTrouble } from "../../../shared/trouble";
import { makePassword } from "../data/password";
import { useLabels } from "../data/words";
import { keyed, useWrite } from "../data/writing";
import { Answered } from "../parts/page";
import { PostFields, useOwnArea } from "../parts/post_fields";
import { ProblemView } from "../parts/problem_view";
import { AccountState } from "./accounts";

type Read = { account: Account; etag: string | undefined };

async function readAccount(id: string): Promise<Read> {
  const { data, response } = await askWhole(
    api.GET("/api/v1/accounts/{account}", { params: { path: { account: id } } }),
  );
  return { account: data, etag: response.headers.get("ETag") ?? undefined };
}

/** One account: its state, posts, password and second factor. */
export function AccountPanel(props: { id: string | undefined; onClose: () => void }) {
  const { t } = useTranslation();
  const { id } = props;
  const reading = useQuery({
    queryKey: ["account", id],
    queryFn: () => readAccount(id ?? ""),
    enabled: id !== undefined,
    staleTime: 0,
  });
  const cache = useQueryClient();
  const changed = () => {
    cache.invalidateQueries({ queryKey: ["accounts"] });
    cache.invalidateQueries({ queryKey: ["account", id] });
  };
  const name = reading.data?.account.name ?? "";
  return (
    <Drawer
      open={id !== undefined}
      onClose={props.onClose}
      title={t("accounts.manage", { name })}
      size={560}
      destroyOnHidden
    >
      <Answered of={reading}>
        {reading.data && (
          <>
            <State read={reading.data} onChanged={changed} />
            <Posts account={reading.data.account} onChanged={changed} />
            <Password account={reading.data.account} onChanged={changed} />
            {reading.data.account.has_second_factor && <Factor account={reading.data.account} onChanged={changed} />}
          </>
        )}
      </Answered>
    </Drawer>
  );
}

/** The change is made only if the account still is as it is shown: another administrator may have been here. */
function State(props: { read: Read; onChanged: () => void }) {
  const { t } = useTranslation();
  const { account, etag } = props.read;
  const change = useWrite(
    (input: { state: Account["state"]; etag?: string }, key) =>
      ask(
        api.PUT("/api/v1/accounts/{account}/state", {
          params: { path: { account: account.id }, header: { ...keyed(key), "If-Match": input.etag } },
          body: { state: input.state },
        }),
      ),
    props.onChanged,
  );
  const set = (state: Account["state"]) =>
    change.mutate({ state, etag }, { onError: (error) => asTrouble(error).status === 412 && props.onChanged() });
  return (
    <section className="panel">
      <h2>
        {t("accounts.state")} <AccountState state={account.state} />
      </h2>
      <p className="fine">
        {account.login} · <code>{account.id}</code>
        {account.external_id && ` · ${account.external_id}`}
      </p>
      {change.error && <ProblemView error={change.error} />}
      {asTrouble(change.error).status === 412 && <p className="notice amber">{t("accounts.changed_elsewhere")}</p>}
      <div className="row">
        {account.state === "active" && (
          <Popconfirm title={t("accounts.lock_confirm")} onConfirm={() => set("locked")}>
            <Button danger loading={change.isPending}>
              {t("accounts.lock")}
            </Button>
          </Popconfirm>
        )}
        {account.state === "locked" && (
          <Button type="primary" loading={change.isPending} onClick={() => set("active")}>
            {t("accounts.unlock")}
          </Button>
        )}
        {account.state !== "closed" && (
          <Popconfirm
            title={t("accounts.close_confirm", { name: account.name })}
            onConfirm={() => set("closed")}
            okButtonProps={{ danger: true }}
          >
            <Button danger>{t("accounts.close_account")}</Button>
          </Popconfirm>
        )}
      </div>
    </section>
  );
}

type Changing = { account: Account; onChanged: () => void };

function Posts(props: Changing) {
  const { t } = useTranslation();
  const labels = useLabels();
  const { account } = props;
  const [giving, setGiving] = useState(false);
  const take = useWrite(
    (post: Post, key) =>
      ask(
        api.DELETE("/api/v1/accounts/{account}/posts", {
          params: {
            path: { account: account.id },
            query: { role: post.role, department: post.department, area: post.area },
            header: keyed(key),
          },
        }),
      ),
    props.onChanged,
  );
  return (
    <section className="panel">
      <h2>{t("accounts.posts")}</h2>
      {take.error && <ProblemView error={take.error} />}
      {account.posts.length === 0 && <p className="fine">{t("accounts.no_posts")}</p>}
      <ul className="posts">
        {account.posts.map((post) => (
          <li key={labels.post(post)} className="row apart">
            <span>
              {labels.post(post)}
              {post.until && (
                <span className="fine"> {t("home.until", { time: formatTime(post.until, labels.language) })}</span>
              )}
            </span>
            <Popconfirm
              title={t("accounts.take_confirm", { post: labels.post(post) })}
              onConfirm={() => take.mutate(post)}
            >
              <Button size="small" danger aria-label={`${t("accounts.take")}: ${labels.post(post)}`}>
                {t("accounts.take")}
              </Button>
            </Popconfirm>
          </li>
        ))}
      </ul>
      {giving ? (
        <GiveForm
          account={account}
          onChanged={() => {
            setGiving(false);
            props.onChanged();
          }}
        />
      ) : (
        account.state !== "closed" && (
          <Button className="below" onClick={() => setGiving(true)}>
            {t("accounts.give")}
          </Button>
        )
      )}
    </section>
  );
}

type NewPost = { role: string; department?: string; area?: string; until?: string };

function GiveForm(props: Changing) {
  const { t } = useTranslation();
  const give = useWrite(
    (body: NewPost, key) =>
      ask(
        api.POST("/api/v1/accounts/{account}/posts", {
          params: { path: { account: props.account.id }, header: keyed(key) },
          body,
        }),
      ),
    props.onChanged,
  );
  const area = useOwnArea();
  const submit = ({ role, department, area, until }: NewPost) =>
    give.mutate({ role, department, area, until: until ? new Date(`${until}T23:59:59`).toISOString() : undefined });
  return (
    <Form layout="vertical" onFinish={submit} className="below" initialValues={{ area }}>
      {give.error && <ProblemView error={give.error} />}
      <PostFields />
      <Form.Item name="until" label={t("accounts.until")} extra={t("accounts.until_hint")}>
        <Input type="date" />
      </Form.Item>
      <Button type="primary" htmlType="submit" loading={give.isPending}>
        {t("accounts.give")}
      </Button>
    </Form>
  );
}

function Password(props: Changing) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const [form] = Form.useForm<{ password: string }>();
  const set = useWrite(
    (body: { password: string }, key) =>
      ask(
        api.PUT("/api/v1/accounts/{account}/password", {
          params: { path: { account: props.account.id }, header: keyed(key) },
          body,
        }),
      ),
    () => {
      message.success(t("accounts.password_done"));
      props.onChanged();
    },
  );
  if (props.account.state === "closed") return null;
  return (
    <section className="panel">
      <h2>{t("accounts.password")}</h2>
      {set.error && <ProblemView error={set.error} />}
      <Form form={form} layout="vertical" onFinish={(body) => set.mutate(body)} autoComplete="off">
        <Form.Item
          name="password"
          label={t("accounts.password_new")}
          extra={t("accounts.password_hint")}
          rules={[{ required: true, message: t("app.required", { what: t("accounts.password_new") }) }]}
        >
          <Input className="mono" maxLength={1024} autoComplete="off" spellCheck={false} />
        </Form.Item>
        <div className="row">
          <Button onClick={() => form.setFieldValue("password", makePassword())}>
            {t("accounts.password_generate")}
          </Button>
          <Popconfirm title={t("accounts.password_confirm")} onConfirm={() => form.submit()}>
            <Button danger loading={set.isPending}>
              {t("accounts.password")}
            </Button>
          </Popconfirm>
        </div>
      </Form>
    </section>
  );
}

function Factor(props: Changing) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const remove = useWrite(
    (_input: string, key) =>
      ask(
        api.DELETE("/api/v1/accounts/{account}/second-factor", {
          params: { path: { account: props.account.id }, header: keyed(key) },
        }),
      ),
    () => {
      message.success(t("accounts.removed_factor"));
      props.onChanged();
    },
  );
  return (
    <section className="panel">
      <h2>{t("accounts.factor")}</h2>
      {remove.error && <ProblemView error={remove.error} />}
      <p className="fine">{t("accounts.remove_factor_confirm")}</p>
      <Popconfirm title={t("accounts.remove_factor_confirm")} onConfirm={() => remove.mutate(props.account.id)}>
        <Button danger className="below" loading={remove.isPending}>
          {t("accounts.remove_factor")}
        </Button>
      </Popconfirm>
    </section>
  );
}
