import { useTranslation } from "react-i18next";
import type { Entity } from "../../../shared/api";
import { useLabels } from "../data/words";

type Value = Entity["values"][number];

/** A value, and where part of it is hidden, a badge that says so, with the reason where there is room. */
export function Masked(props: { value: Value; kind: string; short?: boolean }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const { value } = props;
  const grade = labels.fieldOf(props.kind, value.field)?.grade;
  const why = t("entity.masked_why", { grade: grade ?? "?" });
  return (
    <>
      <span className={`value-text ${value.value.length <= 20 ? "nowrap" : ""}`}>{value.value}</span>
      {value.masked && (
        <>
          {" "}
          <span className="badge masked" title={why}>
            {t("entity.masked")}
          </span>
          {!props.short && <div className="fine">{why}</div>}
        </>
      )}
    </>
  );
}
