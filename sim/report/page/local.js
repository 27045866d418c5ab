// SPDX-License-Identifier: GPL-3.0-or-later
// Local function while the cloud was away, for each kind of device: metrics local_availability_MODEL, shares of 0 to 1.

import { axisX, axisY, barX, gridX, plot, text } from "@observablehq/plot";
import { tableOf } from "./dom.js";
import { percent } from "./words.js";

function rows(run) {
  return Object.entries(run.summary.metrics ?? {})
    .filter(([name, metric]) => name.startsWith("local_availability") && metric.unit === "share" && Number.isFinite(metric.value))
    .map(([name, metric]) => ({ name: name.replace(/^local_availability_?/, "").replaceAll("_", " ") || "all", share: metric.value }));
}

export const has = (run) => rows(run).length > 0;
export const extent = (run) => ({ names: rows(run).map((row) => row.name) });

export function draw(run, _, width, extents) {
  const names = [...new Set(extents.flatMap((e) => e.names))];
  return plot({
    width,
    height: 56 + 34 * names.length,
    marginLeft: 100,
    marginRight: 52,
    marginBottom: 38,
    x: { domain: [0, 1] },
    y: { type: "band", domain: names, label: null, padding: 0.25 },
    marks: [
      gridX({ ticks: 5, stroke: "var(--line)", strokeOpacity: 1 }),
      barX(rows(run), { x: "share", y: "name", fill: "var(--online)" }),
      text(rows(run), { x: "share", y: "name", text: (d) => percent(d.share), textAnchor: "start", dx: 5, fill: "var(--ink)" }),
      axisX({ ticks: 5, tickFormat: (d) => `${100 * d} %`, label: "local requests served", labelAnchor: "center", labelArrow: "none", color: "var(--quiet)", tickSize: 4 }),
      axisY({ label: null, tickSize: 0, color: "var(--ink)" }),
    ],
  });
}

export const sentence = (run) => `Local function while it was wanted: ${rows(run).map((row) => `${row.name} ${percent(row.share)}`).join(", ")}.`;

export const table = (run) => tableOf(["model", "served"], () => rows(run).map((row) => [row.name, percent(row.share)]));
