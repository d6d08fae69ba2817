import { GraphChart } from "echarts/charts";
import { TooltipComponent } from "echarts/components";
import { type ECharts, type EChartsCoreOption, init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { Reasons } from "../../../shared/api";
import { formatNumber, formatProbability } from "../../../shared/format";
import type { Link } from "../data/reasons";
import { type Labels, useLabels } from "../data/words";
import { useRecordName } from "../pages/entity_reasons";
import { useSettings } from "../settings";

use([GraphChart, TooltipComponent, SVGRenderer]);

type Props = { reasons: Reasons; links: Link[]; chosen: Link | undefined; onChoose: (link: Link) => void };

/** A record's place on the ring, from the top on, with its name outside. */
function placeOf(at: number, count: number) {
  const angle = (2 * Math.PI * at) / count;
  const [x, y] = [Math.sin(angle), -Math.cos(angle)];
  const side = x >= 0 ? ("right" as const) : ("left" as const);
  const position = Math.abs(x) > 0.2 ? side : y < 0 ? ("top" as const) : ("bottom" as const);
  return { x: x * 320, y: y * 130, label: { position } };
}

type Drawing = {
  reasons: Reasons;
  links: Link[];
  chosen: Link | undefined;
  nameOf: (place: number) => string;
  hint: (link: Link) => string;
  labels: Labels;
  fontSize: number;
};

function optionOf(drawing: Drawing): EChartsCoreOption {
  const { reasons, links, chosen, labels } = drawing;
  const most = Math.max(...links.map((link) => link.weight), 1);
  return {
    animation: false,
    tooltip: { confine: true },
    series: [
      {
        type: "graph",
        layout: "none",
        preserveAspect: true,
        symbolSize: 18,
        left: "24%",
        right: "24%",
        top: "12%",
        bottom: "12%",
        itemStyle: { color: "#0b5cad" },
        label: { show: true, fontSize: drawing.fontSize, color: "rgba(0,0,0,.88)" },
        data: reasons.records.map((record, at) => ({
          name: drawing.nameOf(at),
          ...placeOf(at, reasons.records.length),
          tooltip: { formatter: `${labels.source(record.source)} ${record.record}` },
        })),
        links: links.map((link) => ({
          source: link.a,
          target: link.b,
          lineStyle: {
            width: 1 + 5 * Math.max(0, link.weight / most),
            color: link === chosen ? "#d9730d" : "#8fa6bf",
            opacity: 1,
            curveness: 0.08,
          },
          tooltip: { formatter: drawing.hint(link) },
        })),
      },
    ],
  };
}

/** Draws once the place has a size: ECharts fails on one that has none. */
function draw(element: HTMLElement, option: EChartsCoreOption, onLink: (at: number) => void): () => void {
  let chart: ECharts | undefined;
  const watch = new ResizeObserver(() => {
    if (element.clientWidth === 0 || element.clientHeight === 0) return;
    if (chart) return chart.resize();
    chart = init(element, null, { renderer: "svg" });
    chart.setOption(option);
    chart.on("click", { dataType: "edge" }, (event) => onLink(event.dataIndex));
  });
  watch.observe(element);
  return () => {
    watch.disconnect();
    chart?.dispose();
  };
}

/** Records in a ring and what links them. The tables below say the same in words, so it is hidden from screen readers. */
export default function LinkGraph(props: Props) {
  const { t } = useTranslation();
  const place = useRef<HTMLDivElement>(null);
  const labels = useLabels();
  const { large } = useSettings();
  const nameOf = useRecordName(props.reasons);
  const { reasons, links, chosen, onChoose } = props;
  useEffect(() => {
    if (!place.current) return;
    const { language } = labels;
    const hint = (link: Link) =>
      `${t("entity.weight_unit", { weight: formatNumber(link.weight, language, 1) })} · ${formatProbability(link.probability, language)}`;
    const option = optionOf({ reasons, links, chosen, nameOf, hint, labels, fontSize: large ? 16 : 13 });
    return draw(place.current, option, (at) => {
      const link = links[at];
      if (link) onChoose(link);
    });
  }, [reasons, links, chosen, onChoose, labels, large, nameOf, t]);
  return <div ref={place} className="graph" aria-hidden="true" />;
}
