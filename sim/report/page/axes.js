// SPDX-License-Identifier: GPL-3.0-or-later
// What all pictures of Observable Plot share: sizes, time below, rates at the left.

import { axisX, axisY, gridY, plot } from "@observablehq/plot";
import { duration, number, timeTicks } from "./words.js";

export const tall = 260;

const marginLeft = 48;

/** What time a picture shows: what a reader looks at closer, else from the first beginning to the last end. */
export const spanOf = (extents) => extents.find((e) => e.closer)?.closer ?? [Math.min(...extents.map((e) => e.from ?? 0)), Math.max(...extents.map((e) => e.to))];

/** Whether a place lies in what is shown: words beyond the frame would stand beside the picture. */
export const isShown = ([from, to]) => (at) => at >= from && at <= to;

/** A picture with time in seconds below it. `y`: options of the vertical scale; `ticksY`, `wordY`: where other than at whole numbers, and in what words. */
export function timePicture({ width, height = tall, marginRight = 26, domain, y, ticksY, wordY, label, marks }) {
  const ticks = timeTicks(domain[0], domain[1], Math.min(10, (width - marginLeft - marginRight) / 64));
  const whole = (tick) => (Number.isInteger(tick) ? number(tick) : "");
  return plot({
    width,
    height,
    marginLeft,
    marginRight,
    marginTop: 28,
    marginBottom: 38,
    x: { domain, type: "linear" },
    y,
    marks: [
      gridY({ stroke: "var(--line)", strokeOpacity: 1, ...(ticksY ? { ticks: ticksY } : {}) }),
      ...marks,
      axisX({ ticks, tickFormat: duration, label, labelAnchor: "center", labelArrow: "none", color: "var(--quiet)", tickSize: 4 }),
      scaleAxis(axisY, y, ticksY ?? 5, wordY ?? whole, { label: y.label, labelArrow: "none", color: "var(--quiet)", tickSize: 0 }),
    ],
  });
}

/** An axis with a word at each tick. On a logarithmic scale Plot would leave out what is far from a decade, so the words are given as they are. */
export function scaleAxis(axis, scale, ticks, words, options) {
  return scale.type === "log" ? axis(ticks, { text: words, ...options }) : axis({ ticks, tickFormat: words, ...options });
}

/** Names at the left of a picture of rows: on several lines where they are longer than there is room. `usual`: how high a row is else. */
export function namesAt(names, marginLeft, usual) {
  const size = 12; // of their letters, in pixels
  const lineWidth = (marginLeft - 8) / size;
  const lines = Math.max(...names.map((name) => Math.ceil(name.length / (1.6 * lineWidth)))); // letters are narrower than they are high, and words break early
  return { row: Math.max(usual, 15 * lines + 4), axis: axisY({ label: null, tickSize: 0, color: "var(--ink)", lineWidth }) };
}
