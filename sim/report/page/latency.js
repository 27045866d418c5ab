// SPDX-License-Identifier: GPL-3.0-or-later
// How long connecting and requests took: percentiles of the whole run.

import { axisX, axisY, dot, gridX, plot, ruleY, text } from "@observablehq/plot";
import { scaleAxis } from "./axes.js";
import { legendOf, tableOf } from "./dom.js";
import { duration, logTicks, number, percent } from "./words.js";

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

/** So little was answered that the value is only known to be more than this. */
const isMore = (metric, key) => (metric.more_than ?? []).includes(key);

const values = (run) => rows(run).flatMap(({ metric }) => shown.map(([key]) => metric[key])).filter((value) => value > 0);

/** Colours of no points at all are more than the plotting library can make a scale of. */
const dots = (points, options) => (points.length > 0 ? dot(points, options) : null);

export const missing = (run) => (values(run).length > 0 ? null : "no answers were timed");

export function extent(run) {
  return { from: Math.min(...values(run)), to: Math.max(...values(run)), names: rows(run).map((row) => row.name) };
}

export function draw(run, _, width, extents) {
  const domain = [Math.min(...extents.map((e) => e.from)) / 1.3, Math.max(...extents.map((e) => e.to)) * 1.3];
  const names = [...new Set(extents.flatMap((e) => e.names))];
  const points = rows(run).flatMap(({ name, metric }) => shown.map(([key, word], i) => ({ name, word, value: metric[key], more: isMore(metric, key), i })).filter((point) => point.value > 0));
  // Labels grow towards the middle, so that none is cut off.
  const isLeft = (point) => point.value < Math.sqrt(domain[0] * domain[1]);
  const label = { x: "value", y: "name", text: (d) => `${d.word} ${d.more ? "more than " : ""}${duration(d.value)}`, fill: "var(--ink)" };
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
      dots(points.filter((point) => !point.more), { x: "value", y: "name", r: 4.5, fill: (d) => (d.i === 0 ? "var(--ink)" : "var(--online)"), stroke: "var(--paper)" }),
      dots(points.filter((point) => point.more), { x: "value", y: "name", r: 5.5, symbol: "triangle", rotate: 90, fill: "var(--paper)", stroke: (d) => (d.i === 0 ? "var(--ink)" : "var(--dropped)"), strokeWidth: 2 }),
      ...labels(0, 17),
      ...labels(shown.length - 1, -14),
      scaleAxis(axisX, { type: "log" }, ticks, duration, { label: "time to the answer, logarithmic", labelAnchor: "center", labelArrow: "none", color: "var(--quiet)", tickSize: 4 }),
      axisY({ label: null, tickSize: 0, color: "var(--ink)" }),
    ],
  });
}

/** "95 % within 43ms"; where so many had no answer "95 % not within 24m20s". */
function within(metric, key, word) {
  return `${word} ${isMore(metric, key) ? "not " : ""}within ${duration(metric[key])}`;
}

export const readings = (run) =>
  rows(run).flatMap(({ name, metric }) =>
    shown.filter(([key]) => metric[key] > 0).map(([key, word]) => ({ x: metric[key], y: name, said: `${name}, ${word}: ${isMore(metric, key) ? "more than " : ""}${duration(metric[key])} (n=${number(metric.samples)}).` })),
  );

function said({ name, metric }) {
  const longest = `the longest ${isMore(metric, "maximum") ? "more than " : ""}${duration(metric.maximum)}`;
  const answered = metric.answered < metric.samples ? `, answered: ${number(metric.answered)}, ${percent(metric.answered / metric.samples)}` : "";
  return `${name}: ${within(metric, "median", "half")}, ${within(metric, "p95", "95 %")}, ${longest} (n=${number(metric.samples)}${answered})`;
}

export function sentence(run) {
  const open = rows(run).some(({ metric }) => (metric.more_than ?? []).length > 0);
  const why = open ? " What had no answer is in them too: it took longer than it was waited for." : "";
  return `${rows(run).map(said).join("; ")}.${why} Marks: median, 90, 95, 99 %, most.`;
}

export function legend(run) {
  const open = rows(run).some(({ metric }) => (metric.more_than ?? []).length > 0);
  return open ? legendOf([["known", "\u25cf known", "none"], ["more", "\u25b7 more than this: too little was answered", "none"]]) : null;
}

export function table(run) {
  return tableOf(["what", "samples", "answered", ...shown.map(([, word]) => word)], () =>
    rows(run).map(({ name, metric }) => [name, number(metric.samples), number(metric.answered), ...shown.map(([key]) => `${isMore(metric, key) ? "more than " : ""}${duration(metric[key])}`)]),
  );
}
