// SPDX-License-Identifier: GPL-3.0-or-later
// What all pictures of Observable Plot share: sizes, time below, rates at the left.

import { axisX, axisY, gridY, plot } from "@observablehq/plot";
import { duration, number, timeTicks } from "./words.js";

export const tall = 260;

const marginLeft = 48;

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
