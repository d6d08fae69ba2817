import { Select } from "antd";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { nameIn } from "../../../shared/format";
import { useUsablePurposes } from "../data/purposes";
import { type Labels, useLabels } from "../data/words";
import { change, settings } from "../settings";

export type Ground = { purpose?: string; basis?: string };

/** What is remembered of the last time, as far as the installation still knows it. A purpose with one basis brings it. */
export function rememberedGround(labels: Labels): Ground {
  const kept = settings().lookup;
  const purpose = labels.words.purposes.find((one) => one.id === kept.purpose)?.id;
  return withPurpose(labels, purpose, kept.basis);
}

export function withPurpose(labels: Labels, purpose: string | undefined, basis?: string): Ground {
  const bases = labels.basesOf(purpose);
  const kept = bases.find((one) => one.id === basis) ?? (bases.length === 1 ? bases[0] : undefined);
  return { purpose, basis: kept?.id };
}

export function rememberGround(ground: Ground): void {
  change({ lookup: { ...settings().lookup, purpose: ground.purpose, basis: ground.basis } });
}

/** The purpose, and the legal bases that the installation lists for it. */
export function PurposeBasis(props: {
  action: "look_up" | "read";
  kind: string;
  value: Ground;
  onChange: (ground: Ground) => void;
}) {
  const { t } = useTranslation();
  const labels = useLabels();
  const [purposeId, basisId] = [useId(), useId()];
  const { purpose, basis } = props.value;
  const bases = labels.basesOf(purpose);
  const usable = useUsablePurposes(props.action, props.kind);
  return (
    <>
      <div className="purpose">
        <label htmlFor={purposeId}>{t("lookup.purpose")}</label>
        <Select
          id={purposeId}
          value={purpose}
          placeholder={t("app.choose", { what: t("lookup.purpose") })}
          options={usable.map((one) => ({ value: one.id, label: nameIn(one, labels.language) }))}
          onChange={(id: string) => props.onChange(withPurpose(labels, id, basis))}
        />
      </div>
      <div className="basis">
        <label htmlFor={basisId}>{t("lookup.basis")}</label>
        <Select
          id={basisId}
          value={basis}
          disabled={!purpose}
          placeholder={t("app.choose", { what: t("lookup.basis") })}
          options={bases.map((one) => ({ value: one.id, label: labels.basis(one.id) }))}
          onChange={(id: string) => props.onChange({ purpose, basis: id })}
          notFoundContent={t("lookup.basis_none")}
        />
      </div>
    </>
  );
}
