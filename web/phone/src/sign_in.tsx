import type { TargetedSubmitEvent } from "preact";
import { useState } from "preact/hooks";
import { api, ask, type Session } from "../../shared/api";
import { asTrouble, type Trouble } from "../../shared/trouble";
import { TroubleView } from "./parts";
import { useGround } from "./state";

type Sending = { busy: boolean; trouble?: Trouble };

/** Sends a form. What was typed stays, whatever comes of it. */
function useSending(send: () => Promise<Session>, onSession: (session: Session) => void) {
  const [state, setState] = useState<Sending>({ busy: false });
  const submit = async (event: TargetedSubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (state.busy) return;
    setState({ busy: true });
    try {
      onSession(await send());
    } catch (error) {
      setState({ busy: false, trouble: asTrouble(error) });
    }
  };
  return { ...state, submit };
}

export function SignIn(props: { onSession: (session: Session) => void; over: boolean }) {
  const { say } = useGround();
  const [login, setLogin] = useState("");
  const [password, setPassword] = useState("");
  const [shown, setShown] = useState(false);
  const form = useSending(
    () => ask(api.POST("/api/v1/session", { body: { login: login.trim(), password } })),
    props.onSession,
  );
  return (
    <form class="card" onSubmit={form.submit}>
      <h1>{say.sign_in}</h1>
      <p class="lead">{props.over ? say.over : say.sign_in_lead}</p>
      <label for="login">{say.login}</label>
      <input
        id="login"
        value={login}
        required
        maxLength={100}
        autoComplete="username"
        autoCapitalize="none"
        onInput={(event) => setLogin(event.currentTarget.value)}
      />
      <label for="password">{say.password}</label>
      <input
        id="password"
        type={(shown ? "text" : "password") as "password"}
        value={password}
        required
        maxLength={1024}
        autoComplete="current-password"
        onInput={(event) => setPassword(event.currentTarget.value)}
      />
      <label class="check">
        <input type="checkbox" checked={shown} onChange={(event) => setShown(event.currentTarget.checked)} />{" "}
        {say.show_password}
      </label>
      {form.trouble && <TroubleView trouble={form.trouble} />}
      <button type="submit" class="main" disabled={form.busy}>
        {form.busy ? say.sending : say.sign_in}
      </button>
    </form>
  );
}

export function SecondFactor(props: { onSession: (session: Session) => void; onOther: () => void }) {
  const { say } = useGround();
  const [code, setCode] = useState("");
  const form = useSending(
    () => ask(api.POST("/api/v1/session/second-factor", { body: { code: code.replace(/\s/g, "") } })),
    props.onSession,
  );
  return (
    <form class="card" onSubmit={form.submit}>
      <h1>{say.factor}</h1>
      <p class="lead">{say.factor_lead}</p>
      <label for="code">{say.code}</label>
      <input
        id="code"
        class="code"
        value={code}
        required
        maxLength={64}
        autoComplete="one-time-code"
        autoCapitalize="none"
        onInput={(event) => setCode(event.currentTarget.value)}
      />
      {form.trouble && <TroubleView trouble={form.trouble} />}
      <button type="submit" class="main" disabled={form.busy}>
        {form.busy ? say.sending : say.verify}
      </button>
      <button type="button" class="plain" onClick={props.onOther}>
        {say.other}
      </button>
    </form>
  );
}
