// SPDX-License-Identifier: GPL-3.0-or-later
// Requests second by second: what was due, and what became of it; below, how long answers took. Devices that are online and that nobody answers are seen here, and nowhere else.

import { lineY, rectY, rectX, ruleY } from "@observablehq/plot";
import { html, legendOf, tableOf } from "./dom.js";
import { spanOf, timePicture } from "./axes.js";
import { duration, logTicks, number, percent } from "./words.js";

// In the order in which they are stacked: columns of series.csv.
const ends = [
  ["answered", "answered", "online"],
  ["refused", "refused", "refused"],
  ["failed", "given up without an answer", "dropped"],
];
const most = 250; // rows of the table

/** A bar for each bin of the series; counts are those of the whole bin. */
function bars({ series }) {
  const { step_s: step, rows } = series;
  return series.due.map((due, i) => {
    const [x1, x2] = [i * step, Math.min((i + 1) * step, rows)];
    const of = (name) => series[name][i];
    return { x1, x2, seconds: x2 - x1, due, sent: of("sent"), answered: of("answered"), refused: of("refused"), failed: of("failed"), waiting: of("waiting"), online: of("online"), median: of("median_us") / 1e6, p95: of("p95_us") / 1e6 };
  });
}

const sum = (list, name) => list.reduce((all, one) => all + one[name], 0);

/** The longest time in which something was due or waited, and nothing was answered: { from, to }; of less than three bars in a row nothing follows. `where`: which bars count. */
export function silence(run, where = () => true) {
  let longest = null, from = null;
  for (const bar of bars(run)) {
    const silent = bar.answered === 0 && bar.due + bar.waiting > 0 && where(bar);
    if (!silent) from = null;
    else if (from === null) from = bar.x1;
    const enough = from !== null && bar.x2 - from >= 3 * run.series.step_s;
    if (enough && (longest === null || bar.x2 - from > longest.to - longest.from)) longest = { from, to: bar.x2 };
  }
  return longest;
}

/** A log of others has no requests. */
export const expected = (run) => Object.keys(run.summary.metrics ?? {}).length > 0;
export const missing = (run) => (sum(bars(run), "due") > 0 ? null : "no request was due");

export function extent(run) {
  const all = bars(run);
  const highest = Math.max(...all.map((bar) => Math.max(bar.due, bar.answered + bar.refused + bar.failed) / bar.seconds));
  const times = all.flatMap((bar) => [bar.median, bar.p95]).filter((time) => time > 0);
  return { to: Math.max(run.summary.duration_s ?? 0, run.series.rows, 1), y: highest * 1.08, least: Math.min(...times), most: Math.max(...times) };
}

function stacked(all) {
  return all.flatMap((bar) => {
    let below = 0;
    return ends.flatMap(([name, , colour]) => {
      const y1 = below;
      below += bar[name] / bar.seconds;
      if (bar[name] === 0) return [];
      return [{ x1: bar.x1, x2: bar.x2, y1, y2: below, colour: `var(--${colour})` }];
    });
  });
}

/** A line that goes along the top of each bar. */
const tops = (all, of) => all.flatMap((bar) => [bar.x1, bar.x2].map((x) => ({ x, y: of(bar) })));

function rates(all, width, domain, y) {
  const ended = stacked(all);
  const marks = [
    ended.length === 0 ? null : rectY(ended, { x1: "x1", x2: "x2", y1: "y1", y2: "y2", fill: "colour", clip: true, insetLeft: 0, insetRight: 0, shapeRendering: "crispEdges" }),
    lineY(tops(all, (bar) => bar.due / bar.seconds), { x: "x", y: "y", stroke: "var(--ink)", strokeWidth: 1.2, clip: true }),
  ];
  return timePicture({ width, height: 220, domain, y: { domain: [0, y], label: "requests per second" }, wordY: number, label: null, marks });
}

function latencies(run, all, width, domain, [least, highest]) {
  const y = { type: "log", domain: [least / 1.3, highest * 1.3], label: "time to the answer, logarithmic" };
  const known = (of) => tops(all, (bar) => (of(bar) > 0 ? of(bar) : NaN));
  const silent = silence(run);
  const marks = [
    silent ? rectX([silent], { x1: "from", x2: "to", fill: "var(--dropped)", fillOpacity: 0.25, clip: true }) : null,
    lineY(known((bar) => bar.p95), { x: "x", y: "y", stroke: "var(--online)", strokeWidth: 2, clip: true }),
    lineY(known((bar) => bar.median), { x: "x", y: "y", stroke: "var(--ink)", strokeWidth: 1.5, strokeDasharray: "4 2", clip: true }),
    ruleY([y.domain[0]], { stroke: "var(--line)" }),
  ];
  return timePicture({ width, height: 190, domain, y, ticksY: logTicks(...y.domain), wordY: duration, label: "time since the run began", marks });
}

export function draw(run, _, width, extents) {
  const all = bars(run);
  const domain = spanOf(extents);
  const scale = [Math.min(...extents.map((e) => e.least)), Math.max(...extents.map((e) => e.most))];
  const timed = scale.every(Number.isFinite);
  return html("div", {}, rates(all, width, domain, Math.max(...extents.map((e) => e.y))), timed ? latencies(run, all, width, domain, scale) : null);
}

/** What was never sent, and whose doing that was. */
const unsent = [
  ["waiting", "waiting for the answer before"],
  ["held", "as the server had asked"],
  ["offline", "without a session"],
  ["cut", "cut off"],
];

function notSent(run) {
  const count = (name) => run.summary.metrics?.[name]?.value ?? 0;
  const all = count("reports_skipped");
  const why = unsent.map(([name, word]) => [count(`reports_skipped_${name}`), word]).filter(([n]) => n > 0);
  return { count: all, words: `not sent${why.length > 0 ? ` (${why.map(([n, word]) => `${number(n)} ${word}`).join(", ")})` : ""}` };
}

export function readings(run) {
  const times = (bar) => (bar.p95 > 0 ? `; half of the answers of a second within ${duration(bar.median)}, 95 % within ${duration(bar.p95)}` : "");
  return bars(run).map((bar) => ({
    x: (bar.x1 + bar.x2) / 2,
    said: `${duration(bar.x1)} to ${duration(bar.x2)}: ${number(bar.due)} due${ends.filter(([name]) => bar[name] > 0).map(([name, word]) => `, ${number(bar[name])} ${word}`).join("")}, ${number(bar.waiting)} waiting at most${times(bar)}.`,
  }));
}

export function sentence(run) {
  const all = bars(run);
  const [due, answered, refused, failed] = ["due", "answered", "refused", "failed"].map((name) => sum(all, name));
  const never = notSent(run);
  const waiting = Math.max(0, due - answered - refused - failed - never.count);
  const some = (n, words) => (n > 0 ? `, ${number(n)} ${words}` : "");
  const silent = silence(run);
  const nothing = silent ? ` Nothing was answered for ${duration(silent.to - silent.from)}, from ${duration(silent.from)} on.` : "";
  const slowest = all.reduce((a, b) => (b.p95 > a.p95 ? b : a));
  const slow = slowest.p95 > 0 ? ` In the second with the longest waits 95 % of its answers came within ${duration(slowest.p95)}, counted from when they were due (about ${duration(slowest.x1)} into the run).` : "";
  return `${number(due)} requests were due; ${number(answered)} were answered (${percent(due > 0 ? answered / due : null)})${some(refused, "refused")}${some(failed, "given up without an answer")}${some(never.count, never.words)}${some(waiting, "still waited at the end")}.${nothing}${slow}`;
}

export function legend(run) {
  const all = bars(run);
  const mean = run.series.step_s > 1 ? `, mean of ${duration(run.series.step_s)}` : "";
  const peak = run.series.step_s > 1 ? `, highest of ${duration(run.series.step_s)}` : "";
  const items = ends.filter(([name]) => sum(all, name) > 0).map(([, word, colour], i) => [colour, i === 0 ? `${word}${mean}` : word]);
  items.push(["ink", "due", "line"]);
  if (all.some((bar) => bar.p95 > 0)) items.push(["online", `95 % of a second's answers within${peak}`, "line"], ["ink", "half of them within", "line dashed"]);
  if (silence(run)) items.push(["faint", "nothing was answered"]);
  return legendOf(items);
}

export function table(run) {
  const each = (all) => all.filter((_, i) => i % Math.ceil(all.length / most) === 0);
  const time = (value) => (value > 0 ? duration(value) : "\u2013");
  return tableOf(["from", "due", "sent", "answered", "refused", "failed", "most waiting", "median", "95 %"], () =>
    each(bars(run)).map((bar) => [duration(bar.x1), ...["due", "sent", "answered", "refused", "failed", "waiting"].map((name) => number(bar[name])), time(bar.median), time(bar.p95)]),
  );
}
