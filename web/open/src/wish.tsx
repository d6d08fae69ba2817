import { useState } from "preact/hooks";
import { api, ask } from "../../shared/api";
import { asTrouble, type Trouble } from "../../shared/trouble";
import { TroubleView, useGround } from "./state";

/** "Please open this": what was typed stays until it has arrived. */
export function Wish() {
  const { say } = useGround();
  const [title, setTitle] = useState("");
  const [text, setText] = useState("");
  const [state, setState] = useState<"" | "busy" | "sent">("");
  const [trouble, setTrouble] = useState<Trouble>();
  const send = async () => {
    setState("busy");
    setTrouble(undefined);
    try {
      await ask(api.POST("/api/v1/open/wishes", { body: { title: title.trim(), text: text.trim() } }));
      setTitle("");
      setText("");
      setState("sent");
    } catch (error) {
      setTrouble(asTrouble(error));
      setState("");
    }
  };
  return (
    <section class="card" aria-labelledby="wish">
      <h2 id="wish">{say.wish}</h2>
      <p>{say.wish_lead}</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          send();
        }}
      >
        <label>
          {say.wish_title}
          <input required maxLength={60} value={title} onInput={(event) => setTitle(event.currentTarget.value)} />
        </label>
        <label>
          {say.wish_text}
          <textarea maxLength={1000} rows={3} value={text} onInput={(event) => setText(event.currentTarget.value)} />
        </label>
        <button type="submit" class="main" disabled={state === "busy"}>
          {say.wish_send}
        </button>
        <p role="status">{state === "sent" && say.wish_sent}</p>
        {trouble && <TroubleView trouble={trouble} />}
      </form>
    </section>
  );
}
