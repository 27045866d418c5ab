// SPDX-License-Identifier: GPL-3.0-or-later
// What all pictures of Observable Plot share: sizes, time below, rates at the left.

import { axisX, axisY, gridY, plot } from "@observablehq/plot";
import { duration, number, timeTicks } from "./words.js";

export const tall = 260;

/** A picture with time in seconds below it. `y`: options of the vertical scale. */
export function timePicture({ width, height = tall, domain, y, label, marks }) {
  const ticks = timeTicks(domain[0], domain[1], Math.min(10, (width - 74) / 64));
  return plot({
    width,
    height,
    marginLeft: 48,
    marginRight: 26,
    marginTop: 28,
    marginBottom: 38,
    x: { domain, type: "linear" },
    y,
    marks: [
      gridY({ stroke: "var(--line)", strokeOpacity: 1 }),
      ...marks,
      axisX({ ticks, tickFormat: duration, label, labelAnchor: "center", labelArrow: "none", color: "var(--quiet)", tickSize: 4 }),
      axisY({ ticks: 5, tickFormat: (tick) => (Number.isInteger(tick) ? number(tick) : ""), label: y.label, labelArrow: "none", color: "var(--quiet)", tickSize: 0 }),
    ],
  });
}

/** An axis with a word at each tick. On a logarithmic scale Plot would leave out what is far from a decade, so the words are given as they are. */
export function scaleAxis(axis, scale, ticks, words, options) {
  return scale.type === "log" ? axis(ticks, { text: words, ...options }) : axis({ ticks, tickFormat: words, ...options });
}
