import type { FeatureCollection } from "geojson";
import { type GeoJSON, geoJSON, type Layer, map as plainMap } from "leaflet";
import "leaflet/dist/leaflet.css";
import { boundsOf } from "../data/shapes";
import type { DrawnMap } from "./area_map";

function layerOf(shapes: FeatureCollection, chosen: string | undefined, onChoose: (id: string) => void): GeoJSON {
  return geoJSON(shapes, {
    style: (feature) =>
      feature?.properties.id === chosen
        ? { color: "#0b5cad", weight: 2, fillColor: "#0b5cad", fillOpacity: 0.18 }
        : { color: "#5b7fa6", weight: 1.2, fillColor: "#ffffff", fillOpacity: 0.9 },
    onEachFeature: (feature, layer: Layer) => {
      const name = document.createElement("span");
      name.textContent = String(feature.properties.name);
      layer.bindTooltip(name, { permanent: shapes.features.length <= 30, direction: "center", className: "map-name" });
      layer.on("click", () => onChoose(String(feature.properties.id)));
    },
  });
}

export function drawMap(element: HTMLElement, onChoose: (id: string) => void): DrawnMap {
  const map = plainMap(element, { attributionControl: false, zoomAnimation: false });
  let layer: GeoJSON | undefined;
  return {
    show(shapes, chosen) {
      layer?.remove();
      const box = boundsOf(shapes);
      if (box)
        map.fitBounds(
          [
            [box[1], box[0]],
            [box[3], box[2]],
          ],
          { padding: [16, 16], animate: false },
        );
      layer = layerOf(shapes, chosen, onChoose).addTo(map);
    },
    remove() {
      map.remove();
    },
  };
}
