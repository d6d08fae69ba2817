import { api, ask, type Entity } from "../../shared/api";
import { nameIn } from "../../shared/format";
import type { Ground as ReadGround } from "../../shared/ground";
import { Asked, Empty } from "./parts";
import { useAsking, useGround, useName } from "./state";
import { fill } from "./words";

export type Subject = { kind: string; id: string };

/** What the departments hold about the reader, each value with where it is from. */
export function Record(props: { subject: Subject; ground: ReadGround }) {
  const { say } = useGround();
  const name = useName();
  const { subject, ground } = props;
  const asking = useAsking(
    () => ask(api.GET("/api/v1/entities/{kind}/{id}", { params: { path: subject, query: ground } })),
    `${subject.kind} ${subject.id} ${ground.purpose} ${ground.basis}`,
  );
  return (
    <section aria-label={say.record}>
      <Asked of={asking}>{(entity) => <Values entity={entity} />}</Asked>
      <p class="fine">
        {say.reading}: {name("purposes", ground.purpose)} · {name("bases", ground.basis)}。{say.read_note}
      </p>
    </section>
  );
}

export function useFieldName(kind: string | undefined): (field: string) => string {
  const { words, language } = useGround();
  const fields = words?.kinds.find((one) => one.id === kind)?.fields ?? [];
  return (field) =>
    nameIn(
      fields.find((one) => one.id === field),
      language,
    ) || field;
}

function Values(props: { entity: Entity }) {
  const { say, language } = useGround();
  const fieldName = useFieldName(props.entity.kind);
  const { values, refused } = props.entity;
  if (values.length + refused.length === 0) return <Empty title={say.no_values} />;
  return (
    <dl class="values">
      {values.map((value) => (
        <div key={value.field}>
          <dt>{fieldName(value.field)}</dt>
          <dd>
            <span class="value">{value.value}</span>{" "}
            {value.masked && (
              <span class="badge" title={say.masked_why}>
                {say.masked}
              </span>
            )}
            <Source value={value} />
          </dd>
        </div>
      ))}
      {refused.map((one) => (
        <div key={one.field}>
          <dt>{fieldName(one.field)}</dt>
          <dd>
            <span class="badge grey">{say.refused}</span> <span class="fine">{one[language]}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Source(props: { value: Entity["values"][number] }) {
  const { say, words } = useGround();
  const name = useName();
  const { value } = props;
  const owner = words?.sources.find((one) => one.id === value.source)?.owner;
  return (
    <div class="fine">
      {value.source && (
        <div>
          {say.source} {name("sources", value.source)}
          {owner && ` (${owner})`}
        </div>
      )}
      {value.time && (
        <div>
          {say.time} {value.time}
        </div>
      )}
      {(value.differs ?? 0) > 0 && <div>{fill(say.differs, { count: value.differs ?? 0 })}</div>}
    </div>
  );
}
