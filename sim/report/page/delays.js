// SPDX-License-Identifier: GPL-3.0-or-later
// Delays before each attempt: the law as it was seen.

import { axisX, axisY, barY, gridY, plot, ruleX, tickY } from "@observablehq/plot";
import { legendOf, tableOf } from "./dom.js";
import { scaleAxis, tall } from "./axes.js";
import { duration, logTicks, number, timeTicks } from "./words.js";

const least = 1e-3; // seconds; what is shorter sits on the axis of a logarithmic scale

/** One attempt of each device is no law: that it came, the wave shows. */
export function missing(run, trigger) {
  if (trigger.delays.some((delay) => delay.attempt > 1)) return null;
  const first = trigger.delays[0];
  return first ? `no device had to try again; half of them made their first attempt within ${duration(first.quantiles_s[3])}` : "no device tried again, and nobody knows when the trigger was";
}

export function extent(run, trigger) {
  const all = trigger.delays.flatMap((delay) => delay.quantiles_s);
  return { from: Math.max(least, Math.min(...all)), to: Math.max(...all, least), numbers: trigger.delays.map((delay) => delay.attempt) };
}

function scale(extents) {
  const [from, to] = [Math.min(...extents.map((e) => e.from)), Math.max(...extents.map((e) => e.to))];
  return to / from > 30 ? { type: "log", domain: [from / 1.2, to * 1.2] } : { type: "linear", domain: [0, to * 1.08] };
}

export function draw(run, trigger, width, extents) {
  const y = scale(extents);
  const floor = y.domain[0];
  const rows = trigger.delays.map((delay) => {
    const [lowest, p5, p25, p50, p75, p95, highest] = delay.quantiles_s.map((value) => Math.max(value, floor));
    return { attempt: delay.attempt, lowest, p5, p25, p50, p75, p95, highest };
  });
  // Where they count in minutes, at minutes; below ten seconds tens divide as well as anything.
  const ticks = y.type === "log" ? logTicks(...y.domain) : y.domain[1] > 10 ? timeTicks(...y.domain, 5) : 5;
  const numbers = [...new Set(extents.flatMap((e) => e.numbers))].sort((a, b) => a - b);
  const every = Math.ceil(numbers.length / Math.max(4, width / 28));
  return plot({
    width,
    height: tall,
    marginLeft: 56,
    marginBottom: 38,
    marginTop: 28,
    x: { type: "band", domain: numbers, padding: 0.3 },
    y,
    marks: [
      gridY({ stroke: "var(--line)", strokeOpacity: 1, ticks }),
      ruleX(rows, { x: "attempt", y1: "lowest", y2: "highest", stroke: "var(--quiet)", strokeWidth: 1 }),
      ruleX(rows, { x: "attempt", y1: "p5", y2: "p95", stroke: "var(--online)", strokeWidth: 3 }),
      barY(rows, { x: "attempt", y1: "p25", y2: "p75", fill: "var(--online)" }),
      tickY(rows, { x: "attempt", y: "p50", stroke: "var(--ink)", strokeWidth: 2.5 }),
      axisX({ ticks: numbers.filter((_, i) => i % every === 0), label: "attempt", labelAnchor: "center", labelArrow: "none", color: "var(--quiet)", tickSize: 0 }),
      scaleAxis(axisY, y, ticks, duration, { label: "delay before it", labelArrow: "none", color: "var(--quiet)", tickSize: 0 }),
    ],
  });
}

export function readings(run, trigger) {
  return trigger.delays.map((d) => {
    const [lowest, p5, p25, p50, p75, p95, highest] = d.quantiles_s.map(duration);
    return { x: d.attempt, said: `Attempt ${d.attempt} (n=${number(d.samples)}): half of them after ${p50}; middle half ${p25} to ${p75}, 5 % to 95 % ${p5} to ${p95}, all ${lowest} to ${highest}.` };
  });
}

export function sentence(run, trigger) {
  const again = trigger.delays.filter((delay) => delay.attempt > 1);
  const first = trigger.delays.find((delay) => delay.attempt === 1);
  const start = first ? `Half of the devices made their first attempt within ${duration(first.quantiles_s[3])}. ` : "";
  const [shortest, longest] = [again[0], again.at(-1)];
  const grown =
    again.length > 1
      ? `The median delay went from ${duration(shortest.quantiles_s[3])} before attempt ${shortest.attempt} to ${duration(longest.quantiles_s[3])} before attempt ${longest.attempt}.`
      : `The median delay before attempt ${shortest.attempt} was ${duration(shortest.quantiles_s[3])}.`;
  return `${start}${grown} A delay goes from the end of the attempt before to the beginning of the next; where the cloud answered nothing, from its beginning, so the time after which the device gave up is in it. The first counts from the trigger.`;
}

export function legend() {
  return legendOf([
    ["ink", "median", "line"],
    ["online", "middle half"],
    ["online", "5 % to 95 %", "line"],
    ["quiet", "all", "line"],
  ]);
}

export function table(run, trigger) {
  return tableOf(["attempt", "devices", "least", "5 %", "25 %", "median", "75 %", "95 %", "most"], () =>
    trigger.delays.map((d) => [String(d.attempt), number(d.samples), ...d.quantiles_s.map(duration)]),
  );
}
