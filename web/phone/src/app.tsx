import { useCallback, useEffect, useState } from "preact/hooks";
import { api, ask, type Session, setApiLanguage, setCsrf } from "../../shared/api";
import { type Language, languageTag, nameIn } from "../../shared/format";
import { ownGrounds } from "../../shared/ground";
import { asTrouble } from "../../shared/trouble";
import { Ledger } from "./ledger";
import { Jobs } from "./lists";
import { Asked, Empty } from "./parts";
import { Record } from "./record";
import { SecondFactor, SignIn } from "./sign_in";
import { GroundContext, useAsking, useGround } from "./state";
import { fill, phrasesOf } from "./words";

const place = "zhili.phone.language";

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

async function fetchSession(): Promise<Session | null> {
  try {
    return await ask(api.GET("/api/v1/session"));
  } catch (error) {
    if (asTrouble(error).signedOut) return null;
    throw error;
  }
}

type Tab = "record" | "ledger" | "jobs";

/** What a resident who is signed in sees. */
function Mine(props: { session: Session }) {
  const { say, words } = useGround();
  const [tab, setTab] = useState<Tab>("record");
  const { session } = props;
  const subject = session.subjects?.[0];
  const ground = words && ownGrounds(words)[0];
  return (
    <>
      <h1>{fill(say.hello, { name: session.name ?? "" })}</h1>
      <nav class="tabs" aria-label={say.title}>
        {(["record", "ledger", "jobs"] as const).map((one) => (
          <button type="button" key={one} aria-current={tab === one ? "page" : undefined} onClick={() => setTab(one)}>
            {say[one]}
          </button>
        ))}
      </nav>
      {tab !== "jobs" && !subject && <Empty title={say.none_bound} hint={say.none_bound_hint} />}
      {tab !== "jobs" && subject && !ground && <Empty title={say.no_ground} hint={say.no_ground_hint} />}
      {tab === "record" && subject && ground && <Record subject={subject} ground={ground} />}
      {tab === "ledger" && subject && ground && <Ledger subject={subject} ground={ground} />}
      {tab === "jobs" && <Jobs />}
    </>
  );
}

function SignedIn(props: { session: Session }) {
  const ground = useGround();
  const words = useAsking(() => ask(api.GET("/api/v1/words")), "words");
  return (
    <Asked of={words}>
      {(data) => (
        <GroundContext.Provider value={{ ...ground, words: data }}>
          <Mine session={props.session} />
        </GroundContext.Provider>
      )}
    </Asked>
  );
}

function Inside(props: {
  session: Session | null | undefined;
  onSession: (session: Session | null) => void;
  over: boolean;
}) {
  const first = useAsking(fetchSession, "session");
  const { onSession } = props;
  useEffect(() => {
    if (first.data !== undefined) onSession(first.data);
  }, [first.data, onSession]);
  const { session } = props;
  if (session === undefined) return <Asked of={first}>{() => null}</Asked>;
  if (session === null) return <SignIn onSession={onSession} over={props.over} />;
  if (session.stage === "second_factor_needed")
    return <SecondFactor onSession={onSession} onOther={() => onSession(null)} />;
  return <SignedIn session={session} />;
}

/** The installation's own name; the program's where it does not come. */
function Brand() {
  const { say, language } = useGround();
  const installation = useAsking(() => ask(api.GET("/api/v1/installation")), "installation");
  const name = installation.busy ? "" : nameIn(installation.data?.name, language) || say.brand;
  useEffect(() => {
    document.title = name ? `${say.title} · ${name}` : say.title;
  }, [say, name]);
  return <span class="brand">{name}</span>;
}

export function App() {
  const [language, turn] = useLanguage();
  const say = phrasesOf(language);
  const [session, setSession] = useState<Session | null>();
  const [over, setOver] = useState(false);
  const keep = useCallback((next: Session | null) => {
    setCsrf(next?.csrf ?? "");
    setOver(false);
    setSession(next);
  }, []);
  const onSignedOut = useCallback(() => {
    setSession((old) => {
      if (old) setOver(true);
      return old ? null : old;
    });
  }, []);
  const leave = async () => {
    await ask(api.DELETE("/api/v1/session")).catch(() => undefined);
    keep(null);
  };
  return (
    <GroundContext.Provider value={{ language, say, words: undefined, onSignedOut }}>
      <a class="skip" href="#content">
        {say.skip}
      </a>
      <header>
        <img src="/m/mark.svg" alt="" width="26" height="26" />
        <Brand />
        <button type="button" onClick={turn} title={say.language_label} lang={language === "zh" ? "en" : "zh-CN"}>
          {say.language}
        </button>
        {session && (
          <button type="button" onClick={leave}>
            {say.sign_out}
          </button>
        )}
      </header>
      <main id="content" tabIndex={-1}>
        <Inside session={session} onSession={keep} over={over} />
      </main>
    </GroundContext.Provider>
  );
}
