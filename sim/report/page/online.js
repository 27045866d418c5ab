// SPDX-License-Identifier: GPL-3.0-or-later
// Devices online over the whole run, with what the drill did.

import { areaY, lineY, ruleX, text } from "@observablehq/plot";
import { legendOf, tableOf } from "./dom.js";
import { isShown, spanOf, timePicture } from "./axes.js";
import { silence } from "./requests.js";
import { duration, number } from "./words.js";

const most = 12; // marks of the story that have room

const points = ({ series }) =>
  series.online.map((online, i) => ({ x: (i + 1) * series.step_s, online, lowest: series.lowest[i], queue: series.queue_depth[i] }));

/** The devices of the run; of a log that does not say, the most that were online. */
const everybody = (run) => Math.max(run.summary.devices ?? 0, ...run.series.online, 1);

export function extent(run) {
  return { from: 0, to: Math.max(run.summary.duration_s ?? 0, run.series.rows, 1), y: everybody(run) * 1.05 };
}

/** Marks that would lie on each other share a label: "8\u20139". */
function labels(story, apart) {
  const groups = [];
  for (const [i, { at_s }] of story.entries()) {
    const last = groups.at(-1);
    if (last && at_s - last.x < apart) last.to = i + 1;
    else groups.push({ x: at_s, from: i + 1, to: i + 1 });
  }
  return groups.map(({ x, from, to }) => ({ x, word: from === to ? String(from) : `${from}\u2013${to}` }));
}

export function draw(run, _, width, extents) {
  const story = (run.summary.story ?? []).slice(0, most);
  const data = points(run);
  const domain = spanOf(extents);
  const y = Math.max(...extents.map((e) => e.y));
  const marks = [
    areaY(data, { x: "x", y1: "lowest", y2: "online", fill: "var(--online)", fillOpacity: 0.35, clip: true }),
    lineY(data, { x: "x", y: "online", stroke: "var(--online)", strokeWidth: 2, curve: "step-before", clip: true }),
    ruleX(story, { x: "at_s", stroke: "var(--trigger)", strokeWidth: 1.5, strokeDasharray: "3 3", clip: true }),
    text(labels(story, ((domain[1] - domain[0]) * 26) / width).filter(({ x }) => isShown(domain)(x)), { x: "x", y: () => y, text: "word", dy: -9, fill: "var(--ink)", fontWeight: 600 }),
  ];
  return timePicture({ width, domain, y: { domain: [0, y], label: "devices online" }, label: "time since the run began", marks });
}

export const readings = (run) => points(run).map((p) => ({ x: p.x, said: `Until ${duration(p.x)}: ${number(p.online)} devices online, ${number(p.lowest)} at the fewest; ${number(p.queue)} in the longest queue.` }));

export function sentence(run) {
  const { online } = run.series;
  if (online.length === 0) return "The run was over before its first second was.";
  const mute = silence(run, (bar) => bar.online > 0);
  const unanswered = mute ? ` For ${duration(mute.to - mute.from)}, from ${duration(mute.from)} on, nobody was answered: online is who has a session as far as it knows.` : "";
  return `At the end, after ${duration(run.summary.duration_s)}, ${number(online.at(-1))} of ${number(run.summary.devices)} devices were online.${unanswered}`;
}

export function legend(run) {
  const story = (run.summary.story ?? []).slice(0, most);
  const items = legendOf([["online", "devices online", "line"]]);
  for (const [i, { at_s, text: what }] of story.entries()) {
    const item = document.createElement("li");
    item.append(`${i + 1}: ${what} (${duration(at_s)})`);
    items.append(item);
  }
  const more = (run.summary.story ?? []).length - story.length;
  if (more > 0) items.append(Object.assign(document.createElement("li"), { textContent: `and ${more} more, in the story below` }));
  return items;
}

export function table(run) {
  return tableOf(["until", "online", "fewest", "longest queue"], () => {
    const all = points(run);
    const every = Math.ceil(all.length / 250);
    return all.filter((_, i) => i % every === 0).map((p) => [duration(p.x), number(p.online), number(p.lowest), number(p.queue)]);
  });
}
