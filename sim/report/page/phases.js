// SPDX-License-Identifier: GPL-3.0-or-later
// The synchronisation index as a clock: where in the period before it the attempts of a number fall (docs/verdicts.md). Lock-step is one spike, devices on their own are a ring.

import { html, svg, tableOf } from "./dom.js";
import { duration, number } from "./words.js";

const size = 164;
const inner = 16; // so that a bin with nothing in it is seen as such
const outer = 68;

/** A place on a clock: 0 turns is up, and it goes on clockwise. */
function at(turn, radius) {
  const angle = 2 * Math.PI * turn;
  return [radius * Math.sin(angle), -radius * Math.cos(angle)].map((value) => value.toFixed(2)).join(" ");
}

function wedge(i, bins, share) {
  // the area tells how many there are, so the radius grows with the root
  const radius = Math.sqrt(inner * inner + share * (outer * outer - inner * inner));
  const [from, to] = [i / bins, (i + 0.92) / bins];
  return svg("path", {
    class: "wedge",
    d: `M${at(from, inner)}L${at(from, radius)}A${radius} ${radius} 0 0 1 ${at(to, radius)}L${at(to, inner)}A${inner} ${inner} 0 0 0 ${at(from, inner)}Z`,
  });
}

function wheel(phase) {
  const highest = Math.max(...phase.bins, 1);
  const wedges = phase.bins.map((count, i) => (count > 0 ? wedge(i, phase.bins.length, count / highest) : null));
  const [x, y] = at(phase.direction, outer * phase.index).split(" ");
  return svg(
    "svg",
    { viewBox: `${-size / 2} ${-size / 2} ${size} ${size}`, class: "wheel", "aria-hidden": "true" },
    svg("circle", { r: outer, class: "rim" }),
    svg("circle", { r: outer * 0.7, class: "rim limit" }),
    ...wedges,
    svg("line", { x1: 0, y1: 0, x2: x, y2: y, class: "resultant" }),
    svg("circle", { cx: x, cy: y, r: 4, class: "resultant" }),
    svg("text", { x: 0, y: -outer - 1, class: "zero" }, "0"),
  );
}

const enough = 50; // devices, as sim/judge/pattern.c has it: below, chance alone looks like a herd

function judged({ index, samples }) {
  if (samples < enough) return "too few to say";
  return index > 0.7 ? "lock-step" : index > 0.3 ? "partly in step" : "on their own";
}

export function draw(run, trigger) {
  return html(
    "div",
    { class: "wheels" },
    ...trigger.phases.map((phase) =>
      html(
        "div",
        { class: "one" },
        wheel(phase),
        html("p", {}, html("strong", {}, `attempt ${phase.attempt}`), html("br"), `index ${phase.index.toFixed(2)}: ${judged(phase)}`, html("br"), `period ${duration(phase.period_s)}, n=${number(phase.samples)}`),
      ),
    ),
  );
}

export function missing(run, trigger) {
  if (trigger.phases.length === 0) return "no device had to try again";
  return trigger.phases.some((phase) => phase.samples >= enough) ? null : `fewer than ${enough} devices tried again, which is too few to say`;
}

export function sentence(run, trigger) {
  const many = trigger.phases.filter((phase) => phase.samples >= enough);
  const most = many.reduce((best, phase) => (phase.index > best.index ? phase : best));
  const found = `Most in step was attempt ${most.attempt}, with a synchronisation index of ${number(most.index)}: ${judged(most)} (${number(most.samples)} devices; chance alone gives ${number(Math.sqrt(Math.PI / (4 * most.samples)))}).`;
  return `Where in their period devices tried again after \u201c${trigger.name}\u201d. ${found} The pointer is the mean of all; one that crosses the inner circle (0.7) is lock-step.`;
}

export function table(run, trigger) {
  return tableOf(["attempt", "devices", "period", "index", "direction, in turns"], () =>
    trigger.phases.map((p) => [String(p.attempt), number(p.samples), duration(p.period_s), number(p.index), number(p.direction)]),
  );
}
