// SPDX-License-Identifier: GPL-3.0-or-later
// How long connecting and requests took: percentiles of the whole run.

import { axisX, axisY, dot, gridX, plot, ruleY, text } from "@observablehq/plot";
import { scaleAxis } from "./axes.js";
import { tableOf } from "./dom.js";
import { duration, logTicks, number } from "./words.js";

const shown = [
  ["median", "median"],
  ["p90", "90 %"],
  ["p95", "95 %"],
  ["p99", "99 %"],
  ["maximum", "most"],
];

function rows(run) {
  return Object.entries(run.summary.metrics ?? {})
    .filter(([name, metric]) => name.endsWith("_latency") && metric.kind === "trend" && metric.samples > 0)
    .map(([name, metric]) => ({ name: name.replace(/_latency$/, "").replaceAll("_", " "), metric }));
}

const values = (run) => rows(run).flatMap(({ metric }) => shown.map(([key]) => metric[key])).filter((value) => value > 0);

export const missing = (run) => (values(run).length > 0 ? null : "no answers were timed");

export function extent(run) {
  return { from: Math.min(...values(run)), to: Math.max(...values(run)), names: rows(run).map((row) => row.name) };
}

export function draw(run, _, width, extents) {
  const domain = [Math.min(...extents.map((e) => e.from)) / 1.3, Math.max(...extents.map((e) => e.to)) * 1.3];
  const names = [...new Set(extents.flatMap((e) => e.names))];
  const points = rows(run).flatMap(({ name, metric }) => shown.map(([key, word], i) => ({ name, word, value: metric[key], i })).filter((point) => point.value > 0));
  // Labels grow towards the middle, so that none is cut off.
  const isLeft = (point) => point.value < Math.sqrt(domain[0] * domain[1]);
  const label = { x: "value", y: "name", text: (d) => `${d.word} ${duration(d.value)}`, fill: "var(--ink)" };
  const labels = (i, dy) => [
    text(points.filter((point) => point.i === i && isLeft(point)), { ...label, textAnchor: "start", dx: -4, dy }),
    text(points.filter((point) => point.i === i && !isLeft(point)), { ...label, textAnchor: "end", dx: 4, dy }),
  ];
  const ticks = logTicks(...domain);
  return plot({
    width,
    height: 60 + 62 * names.length,
    marginLeft: 68,
    marginRight: 16,
    marginBottom: 38,
    x: { type: "log", domain },
    y: { type: "band", domain: names, label: null },
    marks: [
      gridX({ ticks, stroke: "var(--line)", strokeOpacity: 1 }),
      ruleY(rows(run), { y: "name", x1: (d) => d.metric.median, x2: (d) => d.metric.maximum, stroke: "var(--online)", strokeWidth: 2 }),
      dot(points, { x: "value", y: "name", r: 4.5, fill: (d) => (d.i === 0 ? "var(--ink)" : "var(--online)"), stroke: "var(--paper)" }),
      ...labels(0, 17),
      ...labels(shown.length - 1, -14),
      scaleAxis(axisX, { type: "log" }, ticks, duration, { label: "time to the answer", labelAnchor: "center", labelArrow: "none", color: "var(--quiet)", tickSize: 4 }),
      axisY({ label: null, tickSize: 0, color: "var(--ink)" }),
    ],
  });
}

export function sentence(run) {
  return `${rows(run)
    .map(({ name, metric }) => `${name}: half within ${duration(metric.median)}, 95 % within ${duration(metric.p95)}, the longest ${duration(metric.maximum)} (n=${number(metric.samples)})`)
    .join("; ")}. Dots: median, 90, 95, 99 %, most.`;
}

export function table(run) {
  return tableOf(["what", "samples", ...shown.map(([, word]) => word)], () =>
    rows(run).map(({ name, metric }) => [name, number(metric.samples), ...shown.map(([key]) => duration(metric[key]))]),
  );
}
