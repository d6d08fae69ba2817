import { useEffect, useState } from "preact/hooks";
import { api, ask, setApiLanguage } from "../../shared/api";
import { type Language, languageTag, nameIn } from "../../shared/format";
import { DetailPage, EmbedPage } from "./detail";
import { List } from "./list";
import { GroundContext, Link, useAsking, useGround } from "./state";
import { phrasesOf } from "./words";

const place = "zhili.open.language";

function keptLanguage(): Language {
  try {
    return localStorage.getItem(place) === "en" ? "en" : "zh";
  } catch {
    return "zh";
  }
}

function useLanguage(): [Language, () => void] {
  const [language, setLanguage] = useState(keptLanguage);
  setApiLanguage(languageTag(language));
  useEffect(() => {
    document.documentElement.lang = languageTag(language);
  }, [language]);
  const turn = () => {
    const next = language === "zh" ? "en" : "zh";
    try {
      localStorage.setItem(place, next);
    } catch {
      // Storage may be closed; the language then lasts as long as the page.
    }
    setLanguage(next);
  };
  return [language, turn];
}

/** The page's address; each change of it draws anew. */
function useAddress(): string {
  const [address, setAddress] = useState(location.pathname + location.search);
  useEffect(() => {
    const turn = () => setAddress(location.pathname + location.search);
    addEventListener("popstate", turn);
    return () => removeEventListener("popstate", turn);
  }, []);
  return address;
}

function Header(props: { onTurn: () => void }) {
  const { say, language } = useGround();
  const installation = useAsking(() => ask(api.GET("/api/v1/installation")), "installation");
  const name = nameIn(installation.data?.name, language) || say.brand;
  return (
    <header>
      <a class="skip" href="#main">
        {say.skip}
      </a>
      <Link to="/open/" class="brand">
        {`${name} · ${say.title}`}
      </Link>
      <button
        type="button"
        class="switch"
        title={say.language_label}
        lang={language === "zh" ? "en" : "zh-CN"}
        onClick={props.onTurn}
      >
        {say.language}
      </button>
    </header>
  );
}

export function App() {
  const [language, turn] = useLanguage();
  const address = useAddress();
  const say = phrasesOf(language);
  const [, what, id] = /^\/open\/(data|embed)\/([a-z0-9_-]+)/.exec(address) ?? [];
  useEffect(() => {
    if (what !== "data") document.title = say.title;
  }, [what, say]);
  return (
    <GroundContext.Provider value={{ language, say }}>
      {what === "embed" && id ? (
        <EmbedPage id={id} />
      ) : (
        <>
          <Header onTurn={turn} />
          <main id="main" tabIndex={-1}>
            {what === "data" && id ? <DetailPage key={id} id={id} /> : <List />}
          </main>
        </>
      )}
    </GroundContext.Provider>
  );
}
