import { Segmented, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ownGrounds } from "../../../shared/ground";
import { useSession } from "../data/session";
import { useLabels, useWordsQuery } from "../data/words";
import { Answered, Card, Empty, PageFrame } from "../parts/page";
import { EntityView } from "./entity";

/** A resident's own record: what is held, where from, who looked. */
function Mine() {
  const { t } = useTranslation();
  const session = useSession();
  const labels = useLabels();
  const subjects = session.subjects ?? [];
  const grounds = ownGrounds(labels.words);
  const [at, setAt] = useState(0);
  const [groundAt, setGroundAt] = useState(0);
  const [subject, ground] = [subjects[at], grounds[groundAt]];
  if (!subject || !ground)
    return (
      <Card>
        <Empty title={t("mine.none")} hint={t("mine.none_hint")} />
      </Card>
    );
  return (
    <>
      {subjects.length > 1 && (
        <Segmented
          aria-label={t("mine.choose")}
          value={at}
          onChange={setAt}
          options={subjects.map((one, place) => ({ value: place, label: `${labels.kind(one.kind)} ${one.id}` }))}
        />
      )}
      {grounds.length > 1 && grounds[1]?.purpose === ground.purpose && (
        <Select
          aria-label={t("lookup.basis")}
          value={groundAt}
          onChange={setGroundAt}
          options={grounds.map((one, place) => ({ value: place, label: labels.basis(one.basis) }))}
        />
      )}
      <EntityView key={`${subject.kind} ${subject.id}`} subject={subject} ground={ground} own />
    </>
  );
}

export default function MinePage() {
  const { t } = useTranslation();
  const words = useWordsQuery();
  return (
    <PageFrame title={t("mine.title")} lead={t("mine.lead")}>
      <Answered of={words}>
        <Mine />
      </Answered>
    </PageFrame>
  );
}
