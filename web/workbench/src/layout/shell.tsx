import { LogoutOutlined, MenuOutlined, UserOutlined } from "@ant-design/icons";
import { useMutation } from "@tanstack/react-query";
import { App, Button, Drawer, Dropdown } from "antd";
import { lazy, Suspense, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { NavLink, Route, Routes, useLocation } from "react-router";
import { asTrouble } from "../../../shared/trouble";
import { forgetReader } from "../data/client";
import { keepSession, signOut, useSession } from "../data/session";
import { useLabels } from "../data/words";
import { HomePage } from "../pages/home";
import { LookupPage } from "../pages/lookup";
import { Empty, Loading, PageFrame } from "../parts/page";
import { DisplaySwitches } from "./display_switches";
import { Mark } from "./mark";
import { menuOf } from "./menu";

// Each page is fetched when it is first opened, but for those that everybody begins with.
const EntityPage = lazy(() => import("../pages/entity"));
const MinePage = lazy(() => import("../pages/mine"));
const CatalogPage = lazy(() => import("../pages/catalog"));
const DatasetPage = lazy(() => import("../pages/dataset"));
const BatchesPage = lazy(() => import("../pages/batches"));
const BatchPage = lazy(() => import("../pages/batch"));
const RequestsPage = lazy(() => import("../pages/requests"));
const RequestPage = lazy(() => import("../pages/request"));
const CorrectionsPage = lazy(() => import("../pages/corrections"));
const QuestionsPage = lazy(() => import("../pages/questions"));
const ReviewPage = lazy(() => import("../pages/review"));
const JobsPage = lazy(() => import("../pages/jobs"));
const AuditPage = lazy(() => import("../pages/audit"));
const AccountsPage = lazy(() => import("../pages/accounts"));
const KeysPage = lazy(() => import("../pages/keys"));
const OwnPage = lazy(() => import("../pages/own"));
const ContractPage = lazy(() => import("../pages/contract"));

function Menu(props: { onGo?: () => void }) {
  const { t } = useTranslation();
  const session = useSession();
  const { words } = useLabels();
  return (
    <nav aria-label={t("app.menu")} className="menu">
      {menuOf(session, words.kinds).map((group) => (
        <div key={group.id} className="menu-group">
          <h2>{t(`menu.group_${group.id}`)}</h2>
          <ul>
            {group.entries.map((entry) => (
              <li key={entry.id}>
                <NavLink to={entry.path} end={entry.path === "/"} onClick={props.onGo}>
                  <span aria-hidden="true">{entry.icon}</span> {t(`menu.${entry.id}`)}
                </NavLink>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </nav>
  );
}

function AccountMenu() {
  const { t } = useTranslation();
  const session = useSession();
  const labels = useLabels();
  const { message } = App.useApp();
  const leave = useMutation({
    mutationFn: signOut,
    onSettled: (_data, error) => {
      // Whoever is signed out already is where they want to be.
      if (error && !asTrouble(error).signedOut) return message.error(t(`trouble.network`));
      forgetReader();
      keepSession(null);
    },
    meta: { signsIn: true },
  });
  const first = session.posts?.[0];
  return (
    <Dropdown
      trigger={["click"]}
      menu={{
        items: [
          { key: "out", icon: <LogoutOutlined />, label: t("app.sign_out") },
          { key: "everywhere", label: t("app.sign_out_everywhere") },
        ],
        onClick: ({ key }) => leave.mutate(key === "everywhere"),
      }}
    >
      <Button type="text" icon={<UserOutlined aria-hidden />} className="account-menu">
        <span>{session.name ?? session.account}</span>
        {first && <span className="fine wide-only">{labels.post(first)}</span>}
      </Button>
    </Dropdown>
  );
}

function OfflineBar() {
  const { t } = useTranslation();
  const [offline, setOffline] = useState(!navigator.onLine);
  useEffect(() => {
    const look = () => setOffline(!navigator.onLine);
    window.addEventListener("online", look);
    window.addEventListener("offline", look);
    return () => {
      window.removeEventListener("online", look);
      window.removeEventListener("offline", look);
    };
  }, []);
  return <div role="status">{offline && <div className="offline">{t("app.offline")}</div>}</div>;
}

function NotFound() {
  const { t } = useTranslation();
  return (
    <PageFrame title={t("app.not_found")}>
      <Empty title={t("app.not_found")} hint={t("app.not_found_hint")} />
    </PageFrame>
  );
}

function Pages() {
  return (
    <Suspense fallback={<Loading />}>
      <Routes>
        <Route path="/" element={<HomePage />} />
        <Route path="/sign-in" element={<HomePage />} />
        <Route path="/lookup" element={<LookupPage />} />
        <Route path="/entities/:kind/:id" element={<EntityPage />} />
        <Route path="/review" element={<ReviewPage />} />
        <Route path="/mine" element={<MinePage />} />
        <Route path="/catalog" element={<CatalogPage />} />
        <Route path="/catalog/:id" element={<DatasetPage />} />
        <Route path="/catalog/:id/batches" element={<BatchesPage />} />
        <Route path="/batches/:id" element={<BatchPage />} />
        <Route path="/requests" element={<RequestsPage />} />
        <Route path="/requests/:id" element={<RequestPage />} />
        <Route path="/corrections" element={<CorrectionsPage />} />
        <Route path="/questions" element={<QuestionsPage />} />
        <Route path="/jobs" element={<JobsPage />} />
        <Route path="/audit" element={<AuditPage />} />
        <Route path="/accounts" element={<AccountsPage />} />
        <Route path="/keys" element={<KeysPage />} />
        <Route path="/own" element={<OwnPage />} />
        <Route path="/interface" element={<ContractPage />} />
        <Route path="*" element={<NotFound />} />
      </Routes>
    </Suspense>
  );
}

export function Shell() {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const { pathname } = useLocation();
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new page begins at its top.
  useEffect(() => {
    window.scrollTo(0, 0);
  }, [pathname]);
  return (
    <div className="shell">
      <a className="skip" href="#content">
        {t("app.skip")}
      </a>
      <header className="top">
        <Button
          type="text"
          className="narrow-only"
          icon={<MenuOutlined />}
          aria-label={t("app.open_menu")}
          onClick={() => setOpen(true)}
        />
        <Mark />
        <span className="grow" />
        <DisplaySwitches />
        <AccountMenu />
      </header>
      <OfflineBar />
      <div className="side wide-only">
        <Menu />
      </div>
      <Drawer open={open} onClose={() => setOpen(false)} placement="left" size={260} title={t("app.menu")}>
        <Menu onGo={() => setOpen(false)} />
      </Drawer>
      <main id="content" className="content" tabIndex={-1}>
        <Pages />
      </main>
    </div>
  );
}
