// SPDX-License-Identifier: GPL-3.0-or-later
// What devices did in their houses, model by model, against the outages: how hands were answered, who was without its cloud, and what was sensed and had not come to the cloud yet, on one axis of time.

import { areaY, axisX, axisY, gridY, lineY, plot, rect, ruleX, text } from "@observablehq/plot";
import { isShown, spanOf } from "./axes.js";
import { html, legendOf, tableOf } from "./dom.js";
import { duration, number, percent, timeTicks } from "./words.js";

const most = 12; // marks of the story that have room
const tallRow = 26;
const tallQueue = 130;

const asked = (m, i) => m.right[i] + m.late[i] + m.wrong[i] + m.unable[i];
const sum = (list) => list.reduce((all, n) => all + n, 0);

/** What is of one model in one span of time, where a hand asked. */
function cells({ houses }) {
  const { step_s: step } = houses;
  return houses.models.flatMap((m) =>
    m.right.flatMap((right, i) => {
      const hands = asked(m, i);
      if (hands === 0) return [];
      const seen = hands - m.unable[i];
      return [{ model: m.model.replaceAll("-", " "), from: i * step, to: (i + 1) * step, hands, seen, right, unable: m.unable[i], cut: seen > 0 ? m.without_cloud[i] / seen : 0 }];
    }),
  );
}

/** Samples that had been sensed and were neither at the cloud nor known to be lost. */
function waiting({ houses }) {
  let all = 0;
  return houses.sensed.map((sensed, i) => {
    all += sensed - houses.arrived[i] - houses.dropped[i];
    return { x: (i + 1) * houses.step_s, waiting: Math.max(0, all), arrived: houses.arrived[i], sensed, dropped: houses.dropped[i] };
  });
}

export const expected = (run) => run.houses !== undefined;
export const missing = (run) => (run.houses?.bins > 0 ? null : "nobody lived with the devices of this run");

export function extent(run) {
  return {
    to: Math.max(run.summary.duration_s ?? 0, run.houses.bins * run.houses.step_s),
    waiting: Math.max(...waiting(run).map((p) => p.waiting), 1),
    models: [...new Set(cells(run).map((cell) => cell.model))].sort(),
  };
}

function colour({ hands, seen, right }) {
  if (2 * seen < hands) return "var(--none)"; // most had no power
  return right === seen ? "var(--online)" : 2 * right >= seen ? "var(--busy)" : "var(--dropped)";
}

function marksOfStory(run) {
  const story = (run.summary.story ?? []).slice(0, most);
  return ruleX(story, { x: "at_s", stroke: "var(--trigger)", strokeWidth: 1.5, strokeDasharray: "3 3", clip: true });
}

const left = 120; // for the longest name of a model

/** A row for each model: its cells, and below them a line where it was without its cloud. */
function strip(run, width, domain, models) {
  const story = (run.summary.story ?? []).slice(0, most);
  const all = cells(run);
  const row = new Map(models.map((model, i) => [model, i]));
  const at = (cell) => row.get(cell.model);
  return plot({
    width,
    height: 26 + tallRow * models.length,
    marginLeft: left,
    marginRight: 26,
    marginTop: 22,
    marginBottom: 4,
    x: { domain, type: "linear", axis: null },
    y: { domain: [models.length, 0], axis: null },
    marks: [
      rect(all, { x1: "from", x2: "to", y1: (d) => at(d) + 0.1, y2: (d) => at(d) + 0.66, fill: colour, clip: true }),
      rect(all.filter((d) => d.cut >= 0.5), { x1: "from", x2: "to", y1: (d) => at(d) + 0.76, y2: (d) => at(d) + 0.88, fill: "var(--ink)", clip: true }),
      marksOfStory(run),
      text(story, { x: "at_s", y: 0, text: (_, i) => String(i + 1), dy: -9, fill: "var(--ink)", fontWeight: 600, filter: (d, i) => isShown(domain)(d.at_s) && apart(story, i, domain, width) }),
      axisY(models.map((_, i) => i + 0.45), { text: (d, i) => models[i], tickSize: 0, label: null, color: "var(--ink)" }),
    ],
  });
}

/** Marks that would lie on each other: the first of them has its number. */
const apart = (story, i, domain, width) => i === 0 || (story[i].at_s - story[i - 1].at_s) * width > 16 * (domain[1] - domain[0]);

function queue(run, width, domain, highest) {
  const data = waiting(run);
  const narrow = (domain[1] - domain[0]) / Math.max(1, (width - left - 26) / 64);
  return plot({
    width,
    height: tallQueue,
    marginLeft: left,
    marginRight: 26,
    marginTop: 14,
    marginBottom: 38,
    x: { domain, type: "linear" },
    y: { domain: [0, highest * 1.05], label: "samples waiting" },
    marks: [
      gridY({ ticks: 3, stroke: "var(--line)", strokeOpacity: 1 }),
      areaY(data, { x: "x", y: "waiting", fill: "var(--busy)", fillOpacity: 0.35, clip: true }),
      lineY(data, { x: "x", y: "waiting", stroke: "var(--busy)", strokeWidth: 2, clip: true }),
      marksOfStory(run),
      axisX({ ticks: timeTicks(domain[0], domain[1], (domain[1] - domain[0]) / narrow), tickFormat: duration, label: "time since the run began", labelAnchor: "center", labelArrow: "none", color: "var(--quiet)", tickSize: 4 }),
      axisY({ ticks: 3, tickFormat: (tick) => (Number.isInteger(tick) ? number(tick) : ""), label: "samples waiting", labelArrow: "none", color: "var(--quiet)", tickSize: 0 }),
    ],
  });
}

export function draw(run, _, width, extents) {
  const domain = spanOf(extents);
  const models = [...new Set(extents.flatMap((e) => e.models))].sort();
  return html("div", {}, strip(run, width, domain, models), queue(run, width, domain, Math.max(...extents.map((e) => e.waiting))));
}

export function legend() {
  return legendOf([
    ["online", "every answer right, in time"],
    ["busy", "half of them or more"],
    ["dropped", "fewer"],
    ["none", "most without power"],
    ["ink", "most without the cloud", "line"],
  ]);
}

export function readings(run) {
  const queued = waiting(run);
  return queued.map(({ x, waiting: samples }, i) => {
    const hands = run.houses.models.filter((m) => asked(m, i) > 0).map((m) => `${m.model.replaceAll("-", " ")} ${number(m.right[i])} of ${number(asked(m, i))} right${m.unable[i] > 0 ? ` (${number(m.unable[i])} without power)` : ""}`);
    return { x: x - run.houses.step_s / 2, said: `${duration(x - run.houses.step_s)} to ${duration(x)}: ${hands.length > 0 ? hands.join(", ") : "no hand asked"}; ${number(samples)} samples waiting.` };
  });
}

/** The worst model in the time without a cloud, what was waiting at most, and what is at the end. */
export function sentence(run) {
  const lost = run.houses.models
    .map((m) => ({ model: m.model, seen: sum(m.without_cloud), share: sum(m.right_without_cloud) / sum(m.without_cloud) }))
    .filter(({ seen }) => seen > 0)
    .sort((a, b) => a.share - b.share);
  const hands = sum(run.houses.models.map((m) => sum(m.right) + sum(m.late) + sum(m.wrong) + sum(m.unable)));
  const queued = waiting(run);
  const fullest = queued.reduce((best, p) => (p.waiting > best.waiting ? p : best), queued[0]);
  const worst = lost.length === 0 ? "nobody was without the cloud when a hand came" : lost[0].share === 1 ? "without the cloud every one of them was answered rightly" : `without the cloud ${lost[0].model} did worst, with ${percent(lost[0].share)} answered rightly`;
  return (
    `${number(hands)} hands asked for what devices do in a house; ${worst}. ` +
    `Of ${number(sum(run.houses.sensed))} samples at most ${number(fullest.waiting)} waited to be delivered, ${duration(fullest.x)} after the beginning; at the end ${queued.at(-1).waiting === 0 ? "all had come or were known to be lost" : `${number(queued.at(-1).waiting)} had not come`}.`
  );
}

export function table(run) {
  const rows = () =>
    run.houses.models.map((m) => {
      const hands = sum(m.right) + sum(m.late) + sum(m.wrong);
      return [m.model, number(hands), percent(hands > 0 ? sum(m.right) / hands : null), number(sum(m.late)), number(sum(m.wrong)), number(sum(m.unable)), number(sum(m.without_cloud))];
    });
  const bins = () => {
    const all = waiting(run);
    const every = Math.ceil(all.length / 120);
    return all.filter((_, i) => i % every === every - 1).map((p) => [duration(p.x), number(p.waiting)]);
  };
  return [tableOf(["model", "hands", "right", "late", "wrong", "no power", "without cloud"], rows, "Hands, by model, as a table"), tableOf(["until", "samples waiting"], bins, "Samples waiting, as a table")];
}
