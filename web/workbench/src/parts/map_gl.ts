import type { FeatureCollection } from "geojson";
import { type GeoJSONSource, Map as GlMap, NavigationControl, setWorkerUrl } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import "maplibre-gl/dist/maplibre-gl.css";
import { boundsOf } from "../data/shapes";
import type { DrawnMap } from "./area_map";

setWorkerUrl(workerUrl);

const nothing: FeatureCollection = { type: "FeatureCollection", features: [] };

function start(element: HTMLElement): GlMap {
  const map = new GlMap({
    container: element,
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    fadeDuration: 0,
    // No `glyphs`: names are drawn with the machine's own fonts, so that Chinese needs no download.
    style: {
      version: 8,
      sources: { areas: { type: "geojson", data: nothing, promoteId: "id" } },
      layers: [
        { id: "ground", type: "background", paint: { "background-color": "#eef2f6" } },
        {
          id: "fill",
          type: "fill",
          source: "areas",
          paint: {
            "fill-color": ["case", ["boolean", ["feature-state", "chosen"], false], "#0b5cad", "#ffffff"],
            "fill-opacity": ["case", ["boolean", ["feature-state", "chosen"], false], 0.18, 0.9],
          },
        },
        { id: "line", type: "line", source: "areas", paint: { "line-color": "#5b7fa6", "line-width": 1.2 } },
        {
          id: "name",
          type: "symbol",
          source: "areas",
          layout: { "text-field": ["get", "name"], "text-size": 13, "text-font": ["sans-serif"] },
          paint: { "text-color": "#1b2733", "text-halo-color": "#ffffff", "text-halo-width": 1.5 },
        },
      ],
    },
  });
  map.addControl(new NavigationControl({ showCompass: false }), "top-right");
  return map;
}

export function drawMap(element: HTMLElement, onChoose: (id: string) => void): DrawnMap {
  const map = start(element);
  let marked: string | undefined;
  let removed = false;
  map.on("click", "fill", (event) => {
    // The smallest is on top where areas lie in each other.
    const id = event.features?.at(0)?.properties.id;
    if (typeof id === "string") onChoose(id);
  });
  map.on("mouseenter", "fill", () => {
    map.getCanvas().style.cursor = "pointer";
  });
  map.on("mouseleave", "fill", () => {
    map.getCanvas().style.cursor = "";
  });
  const ready = new Promise<void>((resolve) => {
    map.once("load", () => resolve());
  });
  return {
    show(shapes, chosen) {
      ready.then(() => {
        if (removed) return;
        map.getSource<GeoJSONSource>("areas")?.setData(shapes);
        if (marked) map.removeFeatureState({ source: "areas", id: marked });
        if (chosen) map.setFeatureState({ source: "areas", id: chosen }, { chosen: true });
        marked = chosen;
        const box = boundsOf(shapes);
        if (box) map.fitBounds(box, { padding: 24, animate: false });
      });
    },
    remove() {
      removed = true;
      map.remove();
    },
  };
}
