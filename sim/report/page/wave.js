// SPDX-License-Identifier: GPL-3.0-or-later
// The wave: attempts per second by outcome, against the capacity, around a trigger.

import { lineY, rectY, ruleX, ruleY, text } from "@observablehq/plot";
import { legendOf, tableOf } from "./dom.js";
import { isShown, spanOf, timePicture } from "./axes.js";
import { duration, number } from "./words.js";

// In the order in which they are stacked, with what docs/results.md calls them.
const outcomes = [
  ["online", "came online, then or later"],
  ["busy", "answered busy"],
  ["dropped", "dropped, over capacity"],
  ["refused", "refused"],
  ["none", "nothing came of it"],
];

/** Connections per second: what the cloud declares, else what the verdict held the busiest second against. */
export function capacityOf(run) {
  if (run.summary.capacity > 0) return run.summary.capacity;
  const measures = (run.summary.verdicts ?? []).flatMap((verdict) => verdict.measures ?? []);
  return measures.find((measure) => measure.name === "busiest second" && measure.threshold > 0)?.threshold ?? null;
}

const farAbove = 5; // a capacity that many times above the wave would flatten it: it is told at the upper edge

const coarse = 60; // seconds a bar: from here on a mean per second says nothing, so bars count, and the busiest second of each is told by the sentence

export const isStart = (name) => name === "start";
export const title = (name) => (isStart(name) ? "Attempts to connect since the start" : "The wave: attempts per second against capacity");
const isCoarse = (trigger) => trigger.step_s >= coarse;

/** Seconds since the trigger; since the start of the run where nobody knows when it happened. */
const zeroOf = (trigger) => trigger.at_s ?? 0;

function layers(trigger) {
  const sums = new Array(trigger.bins).fill(0);
  return outcomes.flatMap(([outcome]) =>
    (trigger.outcomes[outcome] ?? []).flatMap((count, i) => {
      const below = sums[i];
      sums[i] += isCoarse(trigger) ? count : count / trigger.step_s;
      if (count === 0) return [];
      const x1 = trigger.from_s + i * trigger.step_s - zeroOf(trigger);
      return [{ x1, x2: x1 + trigger.step_s, y1: below, y2: sums[i], colour: `var(--${outcome})` }];
    }),
  );
}

/** The busiest second that begins in each bar, where there is one; of bars of a second the busiest of all alone, for it is hardly ever one of the clock's. */
function crest(trigger) {
  if (trigger.step_s === 1) {
    const x1 = trigger.busiest_s - zeroOf(trigger);
    return [{ x1, x2: x1 + 1, y: Math.max(...trigger.busiest) }];
  }
  return trigger.busiest.flatMap((count, i) => {
    const x = trigger.from_s + i * trigger.step_s - zeroOf(trigger);
    return count > 0 ? [{ x1: x, x2: x + trigger.step_s, y: count }] : [];
  });
}

/** How many came online in each bar, a second: what the cloud admitted, beside what arrived. */
const admitted = (trigger) =>
  trigger.admitted.flatMap((count, i) => {
    const x = trigger.from_s + i * trigger.step_s - zeroOf(trigger);
    return [x, x + trigger.step_s].map((at) => ({ x: at, y: count / trigger.step_s }));
  });

const showsAdmitted = (trigger) => !isCoarse(trigger) && trigger.admitted.some((count) => count > 0);

/** Of bars that count: the highest of them. */
function highestBar(trigger) {
  return Math.max(...trigger.busiest.map((_, i) => outcomes.reduce((sum, [outcome]) => sum + (trigger.outcomes[outcome]?.[i] ?? 0), 0)));
}

export function extent(run, trigger) {
  const zero = zeroOf(trigger);
  const busiest = Math.max(...trigger.busiest);
  const from = trigger.from_s - zero;
  if (isCoarse(trigger)) return { from, to: from + trigger.bins * trigger.step_s, y: highestBar(trigger) * 1.08 };
  const capacity = capacityOf(run) ?? 0;
  const y = (capacity > farAbove * busiest ? busiest * 1.5 : Math.max(capacity, busiest)) * 1.08;
  return { from, to: from + trigger.bins * trigger.step_s, y };
}

export function draw(run, trigger, width, extents) {
  const counts = isCoarse(trigger);
  const capacity = counts ? null : capacityOf(run);
  const domain = spanOf(extents);
  const y = Math.max(...extents.map((e) => e.y), 1);
  const thin = (width * trigger.step_s) / (domain[1] - domain[0]) < 4; // bars that a line of two pixels with a rim would hide
  const marks = [
    rectY(layers(trigger), { x1: "x1", x2: "x2", y1: "y1", y2: "y2", fill: "colour", clip: true, insetLeft: 0, insetRight: 0, shapeRendering: "crispEdges" }),
    counts ? null : ruleY(crest(trigger), { x1: "x1", x2: "x2", y: "y", stroke: "var(--ink)", strokeWidth: 2, clip: true }),
    showsAdmitted(trigger) && !thin ? lineY(admitted(trigger), { x: "x", y: "y", stroke: "var(--paper)", strokeWidth: 4, clip: true }) : null,
    showsAdmitted(trigger) ? lineY(admitted(trigger), { x: "x", y: "y", stroke: "var(--pass)", strokeWidth: thin ? 1 : 2, clip: true }) : null,
  ];
  if (capacity > y) {
    marks.push(text([capacity], { x: () => domain[1], y: () => y, text: (d) => `capacity ${number(d)}/s, far above`, textAnchor: "end", dy: -8, fill: "var(--ink)", fontWeight: 600 }));
  } else if (capacity !== null) {
    marks.push(ruleY([capacity], { stroke: "var(--capacity)", strokeWidth: 2, strokeDasharray: "7 4" }));
    // beside the picture: within it lies on bars
    marks.push(text([capacity], { x: () => domain[1], y: (d) => d, text: (d) => `${number(d)}/s`, textAnchor: "start", dx: 5, fill: "var(--ink)", fontWeight: 600 }));
  }
  if (trigger.at_s !== null && isShown(domain)(0)) {
    const near = domain[0] + (domain[1] - domain[0]) * 0.5;
    marks.push(ruleX([0], { stroke: "var(--trigger)", strokeWidth: 2 }));
    marks.push(text([0], { x: (d) => d, y: () => y, text: () => trigger.name, textAnchor: near < 0 ? "end" : "start", dx: 6, dy: 6, fill: "var(--ink)", stroke: "var(--paper)", strokeWidth: 5, fontWeight: 600 }));
  }
  return timePicture({ width, marginRight: 52, domain, y: { domain: [0, y], label: counts ? `attempts in ${duration(trigger.step_s)}` : "attempts per second" }, label: `time since ${trigger.at_s === null || isStart(trigger.name) ? "the start" : "the trigger"}`, marks });
}

/** What each bar holds, in words. */
export function readings(run, trigger) {
  return trigger.busiest.map((busiest, i) => {
    const from = trigger.from_s + i * trigger.step_s - zeroOf(trigger);
    const parts = outcomes.map(([outcome, word]) => [trigger.outcomes[outcome]?.[i] ?? 0, word]).filter(([count]) => count > 0);
    const all = parts.reduce((sum, [count]) => sum + count, 0);
    const which = parts.length > 0 ? ` (${parts.map(([count, word]) => `${number(count)} ${word}`).join(", ")})` : "";
    const peak = trigger.step_s > 1 && busiest > 0 ? `, ${number(busiest)} in the busiest second` : "";
    return { x: from + trigger.step_s / 2, said: `${duration(from)} to ${duration(from + trigger.step_s)}: ${number(all)} attempt${all === 1 ? "" : "s"} arrived${which}${peak}; ${number(trigger.admitted[i])} coming online.` };
  });
}

export function sentence(run, trigger) {
  const busiest = Math.max(...trigger.busiest);
  const at = trigger.busiest_s - zeroOf(trigger);
  const when = at < 0 ? "before it" : `${duration(at)} after it`;
  const capacity = capacityOf(run);
  const against = capacity === null ? "no capacity was declared" : `the cloud admits ${number(capacity)} a second`;
  const later = trigger.later > 0 ? ` Not shown: ${number(trigger.later)} later attempt${trigger.later === 1 ? "" : "s"}, the last after ${duration(trigger.last_s - zeroOf(trigger))}.` : "";
  const calm = isStart(trigger.name) && run.triggers.length === 1 ? " No trigger made devices reconnect: these are all attempts of the run." : "";
  const most = Math.max(...trigger.admitted);
  const came = trigger.step_s === 1 && most > 0 ? ` No more than ${number(most)} came online in any second.` : "";
  return `${number(trigger.attempts)} attempt${trigger.attempts === 1 ? "" : "s"} after \u201c${trigger.name}\u201d; ${number(busiest)} in the busiest second, ${when}; ${against}.${came}${later}${calm}`;
}

export function legend(run, trigger) {
  const shown = outcomes.filter(([outcome]) => trigger.outcomes[outcome]).map(([outcome, word]) => [outcome, word]);
  const mean = trigger.step_s > 1 ? `, mean of ${duration(trigger.step_s)}` : "";
  const items = (wide) => shown.map(([colour, word], i) => [colour, `${i === 0 ? "arrived, and " : ""}${word}${i === 0 ? wide : ""}`]);
  if (isCoarse(trigger)) return legendOf(items(`, in ${duration(trigger.step_s)}`));
  const all = [...items(mean)];
  if (showsAdmitted(trigger)) all.push(["pass", `coming online just then${mean}`, "line"]);
  all.push(["ink", trigger.step_s > 1 ? "busiest second in each bar" : "the busiest second", "line"]);
  const capacity = capacityOf(run);
  if (capacity !== null) all.push(["ink", `capacity of the cloud: ${number(capacity)} a second`, "line dashed"]);
  return legendOf(all);
}

/** What each trigger did, where there are more than fit a reader's memory. */
export function overview(run) {
  return tableOf(
    ["trigger", "at", "attempts", "busiest second", "turned away", "last attempt after"],
    () =>
      run.triggers.map((trigger) => {
        const away = ["busy", "dropped", "refused"].reduce((sum, outcome) => sum + (trigger.outcomes[outcome] ?? []).reduce((a, b) => a + b, 0), 0);
        return [trigger.name, duration(trigger.at_s), number(trigger.attempts), number(Math.max(...trigger.busiest)), number(away), duration(Math.max(0, trigger.last_s - zeroOf(trigger)))];
      }),
    "All triggers of this run",
  );
}

export function table(run, trigger) {
  const shown = outcomes.filter(([outcome]) => trigger.outcomes[outcome]);
  return tableOf(["from, after the trigger", ...shown.map(([, word]) => word), "coming online", "busiest second"], () =>
    trigger.busiest.flatMap((busiest, i) => {
      const counts = shown.map(([outcome]) => trigger.outcomes[outcome][i]);
      if (counts.every((count) => count === 0) && trigger.admitted[i] === 0) return [];
      return [[duration(trigger.from_s + i * trigger.step_s - zeroOf(trigger)), ...counts.map(number), number(trigger.admitted[i]), number(busiest)]];
    }),
  );
}
