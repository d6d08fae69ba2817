import type { TargetedSubmitEvent } from "preact";
import { useRef, useState } from "preact/hooks";
import { api, ask, type Disclosure, type Schemas } from "../../shared/api";
import { formatTime, nameIn } from "../../shared/format";
import type { Ground as ReadGround } from "../../shared/ground";
import { Intention } from "../../shared/idempotency";
import { asTrouble, type Trouble } from "../../shared/trouble";
import { Pages } from "./lists";
import { Asked, Empty, TroubleView } from "./parts";
import { type Subject, useFieldName } from "./record";
import { useAsking, useGround, useName } from "./state";
import { fill } from "./words";

type Question = Schemas["Question"];
type Department = { id: string; zh: string; en: string };
type Of = { subject: Subject; ground: ReadGround };

/** Who has looked at the reader's data; each line can be asked about, and shows the answer. */
export function Ledger(props: Of) {
  const { say, language } = useGround();
  const { subject, ground } = props;
  const limit = 20;
  const [withheld, setWithheld] = useState<{ count: number; until?: string }>();
  const [asked, setAsked] = useState(0);
  const departments = useAsking(async () => (await ask(api.GET("/api/v1/departments"))).items, "departments");
  const questions = useAsking(
    async () => (await ask(api.GET("/api/v1/entities/{kind}/{id}/questions", { params: { path: subject } }))).items,
    `questions ${subject.kind} ${subject.id} ${asked}`,
  );
  const fetch = async (cursor?: string) => {
    const page = await ask(
      api.GET("/api/v1/entities/{kind}/{id}/disclosures", {
        params: { path: subject, query: { ...ground, cursor, limit } },
      }),
    );
    if (!cursor) setWithheld({ count: page.withheld, until: page.withheld_until });
    return page;
  };
  return (
    <section aria-label={say.ledger}>
      <p class="lead">{say.ledger_lead}</p>
      {withheld !== undefined && withheld.count > 0 && (
        <p class="card">
          {fill(say.withheld, {
            count: String(withheld.count),
            time: formatTime(withheld.until, language),
          })}
        </p>
      )}
      <Pages<Disclosure>
        id={`${subject.kind} ${subject.id} ${ground.purpose} ${ground.basis}`}
        fetch={fetch}
        empty={<Empty title={say.no_ledger} hint={say.no_ledger_hint} />}
        row={(line) => (
          <Line
            key={`${line.entry} ${line.dataset ?? ""}`}
            of={props}
            line={line}
            department={departments.data?.find((one) => one.id === line.department)}
            questions={(questions.data ?? []).filter((one) => one.line === line.entry)}
            onAsked={() => setAsked(asked + 1)}
          />
        )}
      />
    </section>
  );
}

type LineOf = {
  of: Of;
  line: Disclosure;
  department: Department | undefined;
  questions: Question[];
  onAsked: () => void;
};

function Line(props: LineOf) {
  const { say, language } = useGround();
  const name = useName();
  const fieldName = useFieldName(props.of.subject.kind);
  const { line } = props;
  const asked = line.asked && `asked_${line.asked}` in say ? say[`asked_${line.asked}` as "asked_read"] : line.asked;
  const comma = language === "zh" ? "、" : ", ";
  const titled = (one: Disclosure["fields"][number]) => nameIn(one.title, language) || fieldName(one.field);
  return (
    <li>
      <div class="line-head">
        <strong>{nameIn(props.department, language) || line.actor_name || line.actor}</strong>
        <span class="fine">{asked}</span>
      </div>
      <time class="fine" dateTime={line.time}>
        {formatTime(line.time, language)}
      </time>
      <dl class="facts">
        {props.department && (
          <>
            <dt>{say.who}</dt>
            <dd>{line.actor_name ?? line.actor}</dd>
          </>
        )}
        <dt>{say.data}</dt>
        <dd>{line.dataset ? nameIn(line.dataset_title, language) || line.dataset : say.own_values}</dd>
        <dt>{say.purpose}</dt>
        <dd>{name("purposes", line.purpose)}</dd>
        <dt>{say.basis}</dt>
        <dd>{name("bases", line.basis)}</dd>
        {line.fields.length > 0 && (
          <>
            <dt>{say.fields}</dt>
            <dd>{line.fields.map((one) => titled(one) + (one.masked ? ` (${say.masked})` : "")).join(comma)}</dd>
          </>
        )}
        <dt>{say.entry}</dt>
        <dd class="mono">{line.entry}</dd>
      </dl>
      {props.questions.map((one) => (
        <QuestionLine key={one.id} question={one} basis={props.of.ground.basis} />
      ))}
      {line.department && props.questions.every((one) => one.state === "answered") && <AskLine {...props} />}
    </li>
  );
}

/** How a question stands; what was asked and answered once it is wanted. */
function QuestionLine(props: { question: Question; basis: string }) {
  const { say, language } = useGround();
  const [open, setOpen] = useState(false);
  const { question } = props;
  const state =
    question.state === "answered" ? say.answered : fill(say.waits, { time: formatTime(question.due, language) });
  return (
    <div>
      <span class="badge">{state}</span>{" "}
      {open ? (
        <Words question={question.id} basis={props.basis} />
      ) : (
        <button type="button" class="plain" onClick={() => setOpen(true)}>
          {say.read_answer}
        </button>
      )}
    </div>
  );
}

function Words(props: { question: string; basis: string }) {
  const { say } = useGround();
  const { question, basis } = props;
  const words = useAsking(
    () =>
      ask(api.GET("/api/v1/exchange/questions/{question}/words", { params: { path: { question }, query: { basis } } })),
    `words ${question}`,
  );
  return (
    <Asked of={words}>
      {(told) => (
        <dl class="facts">
          <dt>{say.your_question}</dt>
          <dd>{told.asked}</dd>
          {told.answered && (
            <>
              <dt>{say.their_answer}</dt>
              <dd>{told.answered}</dd>
            </>
          )}
        </dl>
      )}
    </Asked>
  );
}

/** Asks the body about a line, or objects. What was typed stays, whatever comes of it. */
function AskLine(props: LineOf) {
  const { say, language } = useGround();
  const intention = useRef(new Intention());
  const [open, setOpen] = useState(false);
  const [text, setText] = useState("");
  const [state, setState] = useState<{ busy: boolean; trouble?: Trouble }>({ busy: false });
  const { subject, ground } = props.of;
  const { line } = props;
  const submit = async (event: TargetedSubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (state.busy) return;
    setState({ busy: true });
    const body = { line: line.entry, basis: ground.basis, text };
    const header = { "Idempotency-Key": intention.current.keyFor(body) };
    try {
      await ask(api.POST("/api/v1/entities/{kind}/{id}/questions", { params: { path: subject, header }, body }));
      intention.current.done();
      setState({ busy: false });
      setOpen(false);
      setText("");
      props.onAsked();
    } catch (error) {
      setState({ busy: false, trouble: asTrouble(error) });
    }
  };
  if (!open)
    return (
      <button
        type="button"
        class="plain"
        aria-label={`${say.ask_about}: ${nameIn(props.department, language)} ${formatTime(line.time, language)}`}
        onClick={() => setOpen(true)}
      >
        {say.ask_about}
      </button>
    );
  const id = `ask-${line.entry}`;
  return (
    <form onSubmit={submit}>
      <label for={id}>{say.your_question}</label>
      <textarea
        id={id}
        value={text}
        required
        maxLength={1000}
        rows={3}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <p class="fine">{say.ask_note}</p>
      {state.trouble && <TroubleView trouble={state.trouble} />}
      <button type="submit" class="main" disabled={state.busy}>
        {state.busy ? say.sending : say.send}
      </button>
    </form>
  );
}
