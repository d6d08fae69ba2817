import { useQuery } from "@tanstack/react-query";
import { TreeSelect } from "antd";
import type { FeatureCollection } from "geojson";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask } from "../../../shared/api";
import { nameIn } from "../../../shared/format";
import { treeOf } from "../data/area_tree";
import { useSession } from "../data/session";
import { useAreasQuery, useLabels } from "../data/words";
import { AreaMap } from "../parts/area_map";
import { Answered, Card, Empty } from "../parts/page";

export function AreaSelect(props: {
  id?: string;
  value?: string;
  label?: string;
  onChange?: (id: string | undefined) => void;
}) {
  const { t } = useTranslation();
  const labels = useLabels();
  const tree = useMemo(() => treeOf([...labels.areas.values()], labels.language), [labels]);
  return (
    <TreeSelect
      id={props.id}
      aria-label={props.label}
      className="full"
      value={props.value}
      treeData={tree}
      treeNodeLabelProp="title"
      showSearch={{ treeNodeFilterProp: "title" }}
      allowClear
      placeholder={t("home.area_find")}
      onChange={(id: string | undefined) => props.onChange?.(id)}
    />
  );
}

function AreaFacts(props: { id: string; onChoose: (id: string) => void }) {
  const { t } = useTranslation();
  const session = useSession();
  const labels = useLabels();
  const line = labels.areaLine(props.id);
  const children = [...labels.areas.values()].filter((area) => area.parent === props.id);
  const inside = labels.covers(session.posts ?? [], props.id);
  return (
    <div className="area-facts" role="status">
      <p>
        <strong>{labels.area(props.id)}</strong>{" "}
        <span className={`badge ${inside ? "good" : "refused"}`}>
          {t(inside ? "home.area_mine" : "home.area_not_mine")}
        </span>
      </p>
      <dl className="facts">
        <dt>{t("home.area_code")}</dt>
        <dd>
          <code>{props.id}</code>
        </dd>
        {line.length > 1 && (
          <>
            <dt>{t("home.area_parent")}</dt>
            <dd className="crumbs">
              {line.slice(0, -1).map((area) => (
                <button type="button" key={area.id} onClick={() => props.onChoose(area.id)}>
                  {nameIn(area, labels.language)}
                </button>
              ))}
            </dd>
          </>
        )}
        {children.length > 0 && (
          <>
            <dt>
              {t("home.area_children")} ({children.length})
            </dt>
            <dd className="crumbs">
              {children.map((area) => (
                <button type="button" key={area.id} onClick={() => props.onChoose(area.id)}>
                  {nameIn(area, labels.language)}
                </button>
              ))}
            </dd>
          </>
        )}
      </dl>
    </div>
  );
}

async function fetchShapes(): Promise<FeatureCollection> {
  return (await ask(api.GET("/api/v1/areas.geojson"))) as unknown as FeatureCollection;
}

/** The areas on a map, and the same in a list: what the map shows by a click, the list shows by keyboard. */
export default function AreaCard() {
  const { t } = useTranslation();
  const shapes = useQuery({ queryKey: ["shapes"], queryFn: fetchShapes });
  const areas = useAreasQuery();
  const labels = useLabels();
  const session = useSession();
  const start = session.posts?.find((post) => post.area && labels.areas.has(post.area))?.area;
  const [chosen, setChosen] = useState<string>();
  const shown = chosen ?? start;
  return (
    <Card title={t("home.map")}>
      <Answered of={areas}>
        <AreaSelect value={shown} label={t("home.area_find")} onChange={setChosen} />
        {shown && <AreaFacts id={shown} onChoose={setChosen} />}
        <Answered of={shapes}>
          {shapes.data && shapes.data.features.length > 0 ? (
            <>
              <p className="fine below">{t("home.map_hint")}</p>
              <AreaMap shapes={shapes.data} chosen={shown} onChoose={setChosen} />
            </>
          ) : (
            <Empty title={t("home.map_empty")} hint={t("home.map_empty_hint")} />
          )}
        </Answered>
      </Answered>
    </Card>
  );
}
