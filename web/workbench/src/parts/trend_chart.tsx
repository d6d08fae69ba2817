import { LineChart } from "echarts/charts";
import { GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { type ECharts, type EChartsCoreOption, init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { useEffect, useRef } from "react";
import { formatNumber } from "../../../shared/format";
import { useSettings } from "../settings";

use([LineChart, GridComponent, LegendComponent, TooltipComponent, SVGRenderer]);

export type Series = { name: string; values: number[] };

const colours = ["#0b5cad", "#d9730d", "#2f7d32"];

/** Shares over batches, oldest first. The table beside it says the same, so it is hidden from screen readers. */
export default function TrendChart(props: { names: string[]; series: Series[] }) {
  const place = useRef<HTMLDivElement>(null);
  const { large, language } = useSettings();
  const { names, series } = props;
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const fontSize = large ? 16 : 12;
    const percent = (value: number) => `${formatNumber(value * 100, language, 1)}%`;
    const option: EChartsCoreOption = {
      animation: false,
      color: colours,
      textStyle: { fontSize },
      tooltip: { trigger: "axis", confine: true, valueFormatter: percent },
      legend: { top: 0, textStyle: { fontSize } },
      grid: { left: 56, right: 16, top: 36, bottom: 32 },
      xAxis: { type: "category", data: names, axisLabel: { fontSize } },
      yAxis: { type: "value", min: 0, axisLabel: { fontSize, formatter: percent } },
      series: series.map((one) => ({ type: "line", name: one.name, data: one.values, symbolSize: 7 })),
    };
    let chart: ECharts | undefined;
    // ECharts fails on a place that has no size yet.
    const watch = new ResizeObserver(() => {
      if (element.clientWidth === 0 || element.clientHeight === 0) return;
      if (chart) return chart.resize();
      chart = init(element, null, { renderer: "svg" });
      chart.setOption(option);
    });
    watch.observe(element);
    return () => {
      watch.disconnect();
      chart?.dispose();
    };
  }, [names, series, large, language]);
  return <div ref={place} className="trend" aria-hidden="true" />;
}
