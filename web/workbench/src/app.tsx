import { QueryClientProvider } from "@tanstack/react-query";
import { App as AntApp, ConfigProvider } from "antd";
import enUS from "antd/locale/en_US";
import zhCN from "antd/locale/zh_CN";
import { type ReactNode, useEffect, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { BrowserRouter } from "react-router";
import { setApiLanguage } from "../../shared/api";
import { languageTag } from "../../shared/format";
import { client } from "./data/client";
import { SessionContext, useSessionQuery } from "./data/session";
import { SessionKeeper } from "./layout/session_keeper";
import { Shell } from "./layout/shell";
import { SignInPage } from "./pages/sign_in";
import { Loading } from "./parts/page";
import { ProblemView } from "./parts/problem_view";
import { useSettings } from "./settings";
import { themeOf } from "./theme";

function Styled(props: { children: ReactNode }) {
  const { language, large } = useSettings();
  const { i18n } = useTranslation();
  const theme = useMemo(() => themeOf(large), [large]);
  useEffect(() => {
    setApiLanguage(languageTag(language));
    i18n.changeLanguage(language);
    document.documentElement.lang = languageTag(language);
    document.documentElement.classList.toggle("large", large);
  }, [language, large, i18n]);
  return (
    <ConfigProvider
      theme={theme}
      locale={language === "zh" ? zhCN : enUS}
      button={{ autoInsertSpace: false }}
      form={{ requiredMark: false }}
    >
      <AntApp component={false}>{props.children}</AntApp>
    </ConfigProvider>
  );
}

function Gate() {
  const session = useSessionQuery();
  if (session.isPending) return <Loading />;
  if (session.data === undefined) return <ProblemView error={session.error} onRetry={() => session.refetch()} />;
  if (session.data === null || session.data.stage === "second_factor_needed")
    return <SignInPage waiting={session.data !== null} />;
  return (
    <SessionContext value={session.data}>
      <Shell />
      <SessionKeeper />
    </SessionContext>
  );
}

export function App() {
  return (
    <QueryClientProvider client={client}>
      <BrowserRouter>
        <Styled>
          <Gate />
        </Styled>
      </BrowserRouter>
    </QueryClientProvider>
  );
}
