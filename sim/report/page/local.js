// SPDX-License-Identifier: GPL-3.0-or-later
// Local function, cloud or no cloud, for each kind of device: metrics local_availability_MODEL and local_in_band_MODEL, shares of 0 to 1 of the time with power.

import { axisX, barX, gridX, plot, text } from "@observablehq/plot";
import { namesAt } from "./axes.js";
import { tableOf } from "./dom.js";
import { percent } from "./words.js";

function rows(run) {
  return Object.entries(run.summary.metrics ?? {})
    .map(([name, metric]) => ({ parts: /^local_(availability|in_band)(?:_(.+))?$/.exec(name), metric }))
    .filter(({ parts, metric }) => parts && metric.unit === "share" && Number.isFinite(metric.value))
    .map(({ parts, metric }) => ({ model: (parts[2] ?? "all").replaceAll("_", " "), what: parts[1] === "in_band" ? "in band" : "able", share: metric.value }))
    .map((row) => ({ ...row, name: `${row.model}: ${row.what}` }));
}

/** A log of others says nothing about it. */
export const expected = (run) => Object.keys(run.summary.metrics ?? {}).length > 0;
export const missing = (run) => (rows(run).length > 0 ? null : "no device of this run has a local function that was measured");
export const extent = (run) => ({ names: rows(run).map((row) => row.name) });

export function draw(run, _, width, extents) {
  const names = [...new Set(extents.flatMap((e) => e.names))];
  const marginLeft = Math.min(140, width / 3);
  const { row, axis } = namesAt(names, marginLeft, 34);
  return plot({
    width,
    height: 56 + row * names.length,
    marginLeft,
    marginRight: 80, // "99.999998 %" beside a bar that fills all
    marginBottom: 38,
    x: { domain: [0, 1] },
    y: { type: "band", domain: names, label: null, padding: 0.25 },
    marks: [
      gridX({ ticks: 5, stroke: "var(--line)", strokeOpacity: 1 }),
      barX(rows(run), { x: "share", y: "name", fill: "var(--online)" }),
      text(rows(run), { x: "share", y: "name", text: (d) => percent(d.share), textAnchor: "start", dx: 5, fill: "var(--ink)" }),
      axisX({ ticks: width < 500 ? [0, 0.5, 1] : 5, tickFormat: (d) => `${100 * d} %`, label: "share of the time with power", labelAnchor: "center", labelArrow: "none", color: "var(--quiet)", tickSize: 4 }),
      axis,
    ],
  });
}

/** The second share of a thermostat has its reason with it, because a good one does not reach 100 % of it. */
const kept = (model) =>
  model === "thermostat" ? "the room was within its band; after a power cut, and at each change from night to day, it takes the room hours to follow" : "what it keeps was within its band";

/** Of many models the one that was able for the least. */
function sentenceOfMany(able, isAnyInBand) {
  const least = able.reduce((a, b) => (b.share < a.share ? b : a));
  return `With power, devices of ${able.length} models were able to do their local work ${percent(least.share)} of the time (${least.model}) or more; the rest is booting. Whether anybody listens makes no difference to that.${isAnyInBand ? " \u201cIn band\u201d is the share in which what they keep was within its band: warmth and cold take hours to follow a set-point, and longer after a power cut." : ""}`;
}

export const readings = (run) => rows(run).map((row) => ({ x: row.share, y: row.name, said: `${row.name}: ${percent(row.share)} of the time with power.` }));

/** One sentence a share; of many models one in all. */
export function sentence(run) {
  const able = rows(run).filter(({ what }) => what === "able");
  if (able.length > 4) return sentenceOfMany(able, rows(run).some(({ what }) => what === "in band"));
  const say = ({ model, what, share }) =>
    what === "able"
      ? `With power, devices of model ${model} were able to do their local work ${percent(share)} of the time; the rest is booting.`
      : `${percent(share)} of it ${kept(model)}.`;
  return `${rows(run).map(say).join(" ")} Whether anybody listens makes no difference to either.`;
}

export const table = (run) => tableOf(["model", "what", "share"], () => rows(run).map((row) => [row.model, row.what, percent(row.share)]));
