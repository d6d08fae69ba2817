import { lazy, type ReactNode, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { formatTime } from "../../../shared/format";
import { useSession } from "../data/session";
import { useLabels } from "../data/words";
import { menuOf, type PageId } from "../layout/menu";
import { Card, Empty, Loading, PageFrame } from "../parts/page";
import { useSettings } from "../settings";

const AreaCard = lazy(() => import("./area_card"));

function Posts() {
  const { t } = useTranslation();
  const session = useSession();
  const labels = useLabels();
  const posts = session.posts ?? [];
  if (posts.length === 0) return <Empty title={t("home.no_posts")} hint={t("home.no_posts_hint")} />;
  return (
    <ul className="posts">
      {posts.map((post) => (
        <li key={`${post.role} ${post.department ?? ""} ${post.area ?? ""}`}>
          <strong>{labels.role(post.role)}</strong>
          {post.department && <span> · {labels.department(post.department)}</span>}
          <div className="fine">
            {post.area ? labels.areaPath(post.area) : t("home.everywhere")}
            {post.until && (
              <>
                {" · "}
                {t("home.until", { time: formatTime(post.until, labels.language) })}
              </>
            )}
          </div>
        </li>
      ))}
    </ul>
  );
}

/** What the posts open, action by action: "查看 人员、企业". */
function Opens() {
  const { t } = useTranslation();
  const session = useSession();
  const labels = useLabels();
  const byAction = new Map<string, string[]>();
  for (const word of session.may ?? []) {
    const [action = "", resource = ""] = word.split(":");
    byAction.set(action, [...(byAction.get(action) ?? []), labels.resource(resource)]);
  }
  if (byAction.size === 0) return null;
  const comma = labels.language === "zh" ? "、" : ", ";
  return (
    <>
      <h3>{t("home.opens")}</h3>
      <dl className="facts">
        {[...byAction].map(([action, resources]) => (
          <div key={action} className="contents">
            <dt>{labels.action(action)}</dt>
            <dd>{resources.join(comma)}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

function Quick() {
  const { t } = useTranslation();
  const session = useSession();
  const labels = useLabels();
  const words: Partial<Record<PageId, string>> = {
    lookup: t("home.quick_lookup"),
    mine: t("home.quick_mine"),
    audit: t("home.quick_audit"),
    jobs: t("home.quick_jobs"),
    accounts: t("home.quick_accounts"),
    keys: t("home.quick_keys"),
  };
  const entries = menuOf(session, labels.words.kinds)
    .flatMap((group) => group.entries)
    .filter((entry) => words[entry.id]);
  return (
    <Card title={t("home.quick")}>
      <ul className="quick">
        {entries.map((entry) => (
          <li key={entry.id}>
            <QuickLink to={entry.path} icon={entry.icon} title={t(`menu.${entry.id}`)} text={words[entry.id] ?? ""} />
          </li>
        ))}
      </ul>
    </Card>
  );
}

function QuickLink(props: { to: string; icon: ReactNode; title: string; text: string }) {
  return (
    <Link to={props.to}>
      <span className="icon" aria-hidden="true">
        {props.icon}
      </span>
      <span>
        <strong>{props.title}</strong>
        <span className="fine">{props.text}</span>
      </span>
    </Link>
  );
}

export function HomePage() {
  const { t } = useTranslation();
  const session = useSession();
  const { language } = useSettings();
  return (
    <PageFrame title={t("home.hello", { name: session.name ?? session.account ?? "" })}>
      <div className="home-grid">
        <div>
          <Quick />
          <Card title={t("home.posts")}>
            <Posts />
            <Opens />
            <h3>{t("own.session")}</h3>
            <p className="fine">
              {t("home.factor")}: {t(session.stage === "two_factors" ? "home.two_factors" : "home.one_factor")} ·{" "}
              {t("home.ends", { time: formatTime(session.ends, language) })}
            </p>
            {session.stage === "one_factor" && (
              <p className="notice amber below">
                {t("home.set_factor")} <Link to="/own">{t("home.set_factor_go")}</Link>
              </p>
            )}
          </Card>
        </div>
        <Suspense
          fallback={
            <Card title={t("home.map")}>
              <Loading />
            </Card>
          }
        >
          <AreaCard />
        </Suspense>
      </div>
    </PageFrame>
  );
}
