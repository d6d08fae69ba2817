import { SearchOutlined } from "@ant-design/icons";
import { useMutation } from "@tanstack/react-query";
import { Button, Input, type InputRef, Segmented } from "antd";
import { type FormEvent, type KeyboardEvent, type RefObject, useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Session } from "../../../shared/api";
import { nameIn } from "../../../shared/format";
import { type Found, keepFound, lookUp, useFound } from "../data/lookup";
import { may, useSession } from "../data/session";
import { type Field, type Kind, type Labels, useLabels, useWordsQuery } from "../data/words";
import { Answered, Card, Empty, PageFrame } from "../parts/page";
import { ProblemView } from "../parts/problem_view";
import { type Ground, PurposeBasis, rememberedGround } from "../parts/purpose_basis";
import { change, settings } from "../settings";
import { Hits } from "./lookup_hits";

function lookUpFields(kind: Kind | undefined): Field[] {
  return kind?.fields.filter((field) => field.look_up) ?? [];
}

/** The kinds that have something to look them up by, and that a post opens. */
function lookUpKinds(labels: Labels, session: Session): Kind[] {
  return labels.words.kinds.filter((kind) => lookUpFields(kind).length > 0 && may(session, "look_up", kind.id));
}

type Chosen = { kind: string; by: string };

function rememberedChoice(labels: Labels, session: Session): Chosen {
  const kept = settings().lookup;
  const kinds = lookUpKinds(labels, session);
  const kind = kinds.find((one) => one.id === kept.kind) ?? kinds[0];
  const fields = lookUpFields(kind);
  const by = fields.find((one) => one.id === kept.by) ?? fields[0];
  return { kind: kind?.id ?? "", by: by?.id ?? "" };
}

/** The choice of what to look up, and by which field. */
function Choice(props: { value: Chosen; onChange: (value: Chosen) => void }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const session = useSession();
  const [kindId, byId] = [useId(), useId()];
  const { language } = labels;
  const choose = (kind: string) => {
    const fields = lookUpFields(labels.kindOf(kind));
    props.onChange({ kind, by: (fields.find((one) => one.id === props.value.by) ?? fields[0])?.id ?? "" });
  };
  return (
    <>
      <div className="kind">
        <span className="label" id={kindId}>
          {t("lookup.kind")}
        </span>
        <Segmented
          aria-labelledby={kindId}
          value={props.value.kind}
          options={lookUpKinds(labels, session).map((one) => ({ value: one.id, label: nameIn(one, language) }))}
          onChange={choose}
        />
      </div>
      <div className="by">
        <span className="label" id={byId}>
          {t("lookup.by")}
        </span>
        <Segmented
          aria-labelledby={byId}
          value={props.value.by}
          options={lookUpFields(labels.kindOf(props.value.kind)).map((one) => ({
            value: one.id,
            label: nameIn(one, language),
          }))}
          onChange={(by) => props.onChange({ ...props.value, by })}
        />
      </div>
    </>
  );
}

/** The form and its results. A window clerk comes here a hundred times a day: the field has the focus, Enter asks, the
 * arrows choose, Enter opens, Escape returns with the old value marked, so that typing replaces it. */
function LookupForm() {
  const { t } = useTranslation();
  const labels = useLabels();
  const session = useSession();
  const found = useFound();
  const [chosen, setChosen] = useState(() => rememberedChoice(labels, session));
  const [ground, setGround] = useState<Ground>(() => rememberedGround(labels));
  const [value, setValue] = useState(() => found?.question.value ?? "");
  const field = useRef<InputRef>(null);
  const hits = useRef<HTMLDivElement>(null);
  const asking = useMutation({
    mutationFn: lookUp,
    onSuccess: (answer: Found) => {
      keepFound(answer);
      change({ lookup: { ...chosen, ...ground } });
      requestAnimationFrame(() => hits.current?.querySelector<HTMLElement>("a[href]")?.focus());
    },
  });
  useEffect(() => {
    field.current?.focus({ cursor: "all" });
  }, []);

  const ready = chosen.by !== "" && value.trim() !== "" && ground.purpose && ground.basis;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!ready || asking.isPending || !ground.purpose || !ground.basis) return;
    asking.mutate({ ...chosen, value: value.trim(), purpose: ground.purpose, basis: ground.basis });
  };
  const leave = (event: KeyboardEvent) => {
    if (event.key === "Escape") field.current?.focus({ cursor: "all" });
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape is a short cut; all it does can be done without it.
    <div onKeyDown={leave}>
      <Card>
        <form className="ask" onSubmit={submit} autoComplete="off">
          <Choice value={chosen} onChange={setChosen} />
          <PurposeBasis action="look_up" kind={chosen.kind} value={ground} onChange={setGround} />
          <ValueField field={field} name={labels.field(chosen.kind, chosen.by)} value={value} onChange={setValue} />
          <div className="go">
            <Button
              type="primary"
              size="large"
              block
              htmlType="submit"
              icon={<SearchOutlined />}
              loading={asking.isPending}
              disabled={!ready}
            >
              {t("lookup.submit")}
            </Button>
          </div>
        </form>
        <p className="fine below">
          <span className="wide-only">{t("lookup.keys")} · </span>
          {t("lookup.remembered")}
        </p>
      </Card>
      {asking.error && <ProblemView error={asking.error} />}
      <div ref={hits} aria-live="polite">
        {!asking.error && (found ? <Hits found={found} /> : <Start />)}
      </div>
    </div>
  );
}

type ValueFieldProps = {
  field: RefObject<InputRef | null>;
  name: string;
  value: string;
  onChange: (value: string) => void;
};

function ValueField(props: ValueFieldProps) {
  const { t } = useTranslation();
  const id = useId();
  return (
    <div className="value">
      <label htmlFor={id}>{props.name}</label>
      <Input
        id={id}
        ref={props.field}
        size="large"
        value={props.value}
        maxLength={200}
        allowClear
        spellCheck={false}
        placeholder={t("lookup.value_hint", { field: props.name })}
        onChange={(event) => props.onChange(event.target.value)}
      />
    </div>
  );
}

function Start() {
  const { t } = useTranslation();
  return (
    <Card>
      <Empty title={t("lookup.start")} hint={t("lookup.start_hint")} />
    </Card>
  );
}

export function LookupPage() {
  const { t } = useTranslation();
  const words = useWordsQuery();
  return (
    <PageFrame title={t("lookup.title")} quiet>
      <Answered of={words}>
        <LookupForm />
      </Answered>
    </PageFrame>
  );
}
