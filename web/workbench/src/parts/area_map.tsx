import type { FeatureCollection } from "geojson";
import { useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { nameIn } from "../../../shared/format";
import { shapesAround } from "../data/shapes";
import { useLabels } from "../data/words";
import { Loading } from "./page";
import { ProblemView } from "./problem_view";

/** What both map libraries do for us. */
export type DrawnMap = { show: (shapes: FeatureCollection, chosen: string | undefined) => void; remove: () => void };
export type DrawMap = (element: HTMLElement, onChoose: (id: string) => void) => DrawnMap;

function hasWebGl2(): boolean {
  try {
    return document.createElement("canvas").getContext("webgl2") !== null;
  } catch {
    return false;
  }
}

/** MapLibre where the machine can draw with WebGL 2, Leaflet elsewhere; each is loaded only where it is used. */
async function loadMap(): Promise<DrawMap> {
  if (hasWebGl2()) {
    try {
      return (await import("./map_gl")).drawMap;
    } catch {
      // A browser that has WebGL 2 and still fails gets the plain map.
    }
  }
  return (await import("./map_plain")).drawMap;
}

/** The area's outlines with names in the reader's language. The list beside the map does all that a click does. */
export function AreaMap(props: { shapes: FeatureCollection; chosen?: string; onChoose: (id: string) => void }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const place = useRef<HTMLDivElement>(null);
  const [map, setMap] = useState<DrawnMap>();
  const [error, setError] = useState<unknown>();
  const choose = useRef(props.onChoose);
  choose.current = props.onChoose;

  const named = useMemo(() => {
    const around = shapesAround(props.shapes, labels.areas, props.chosen);
    return {
      ...around,
      features: around.features.map((feature) => {
        const names = feature.properties as { id: string; zh: string; en?: string };
        return { ...feature, properties: { id: names.id, name: nameIn(names, labels.language) } };
      }),
    };
  }, [props.shapes, props.chosen, labels]);

  useEffect(() => {
    let gone = false;
    let drawn: DrawnMap | undefined;
    loadMap()
      .then((draw) => {
        if (gone || !place.current) return;
        drawn = draw(place.current, (id) => choose.current(id));
        setMap(drawn);
      })
      .catch(setError);
    return () => {
      gone = true;
      drawn?.remove();
      setMap(undefined);
    };
  }, []);
  useEffect(() => {
    map?.show(named, props.chosen);
  }, [map, named, props.chosen]);

  if (error) return <ProblemView error={error} />;
  return (
    <section aria-label={t("home.map_label")} className="map-frame">
      {!map && <Loading />}
      <div ref={place} className="map" />
    </section>
  );
}
