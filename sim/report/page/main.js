// SPDX-License-Identifier: GPL-3.0-or-later
// Draws the pictures of report.html from the data that stand in it: one run, or two side by side on the same scales; and those of sweep.html. Texts of the page are in its HTML already.

import { html } from "./dom.js";
import * as delays from "./delays.js";
import * as examined from "./examined.js";
import * as houses from "./houses.js";
import * as latency from "./latency.js";
import * as local from "./local.js";
import { anchorTo, closerLook, copyLinks, lookAt, toolsOf } from "./look.js";
import * as online from "./online.js";
import * as phases from "./phases.js";
import * as requests from "./requests.js";
import * as sweep from "./sweep.js";
import * as wave from "./wave.js";

// In the order in which they stand; those of `trigger` are drawn for the trigger that is chosen; at those that are `timed` a reader can look closer, for they have time below them. `of.missing` says why there is nothing to draw, or null: then it is drawn.
const kinds = [
  { id: "wave", title: wave.title, of: wave, trigger: true, timed: true },
  { id: "examined", title: "What was done, and what was noticed", of: examined, timed: true },
  { id: "requests", title: "Requests, and what became of them", of: requests, timed: true },
  { id: "online", title: "Devices online over time", of: online, timed: true },
  { id: "phases", title: "In step, or each on its own", of: phases, trigger: true },
  { id: "delays", title: "Delays before each attempt", of: delays, trigger: true },
  { id: "latency", title: "How long connecting and requests took", of: latency },
  { id: "houses", title: "Work in the house, and the outages", of: houses, timed: true },
  { id: "local", title: "Local function", of: local },
];
// Of the start there is no wave to speak of: what the run was about comes first.
const calm = ["examined", "requests", "online", "wave"];
const inOrder = () => (wave.isStart(chosen) ? [...calm.map((id) => kinds.find((kind) => kind.id === id)), ...kinds.filter((kind) => !calm.includes(kind.id))] : kinds);

// What steers text instead of being some (controls, marks of direction) is shown as a question mark, as in the rest of the page (sim/record/text.c).
const steering = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;
const plain = (_, value) => (typeof value === "string" ? value.replace(steering, "?") : value);

const { runs = [], sweep: grid } = JSON.parse(document.getElementById("data").textContent, plain);
const place = document.getElementById("figures");
const names = [...new Set(runs.flatMap((run) => run.triggers.map((trigger) => trigger.name)))];
let chosen = names.at(-1);
let painters = []; // one for each picture: draws it anew for a width
const repaint = () => requestAnimationFrame(() => painters.forEach((paint) => paint()));

/** The width to draw for. In the form for a room pictures are drawn smaller and shown larger, so that words in them grow too. */
function widthOf(plot) {
  const larger = document.body.matches(":target") || plot.closest("figure.large") ? Math.min(2.6, Math.max(1, innerHeight / 540)) : 1;
  return Math.floor(plot.clientWidth / Math.min(larger, Math.max(1, plot.clientWidth / 480)));
}

const triggerOf = (run) => run.triggers.find((trigger) => trigger.name === chosen);

const titleOf = (kind) => (typeof kind.title === "function" ? kind.title(chosen) : kind.title);

/** Why there is nothing to draw of this kind in this run; null: there is. */
function missing(kind, run) {
  const trigger = triggerOf(run);
  if (kind.trigger && !trigger) return "nobody tried to connect";
  return kind.of.missing?.(run, trigger) ?? null;
}

function picture(kind, run, extents, closer) {
  const trigger = triggerOf(run);
  const sentence = kind.of.sentence(run, trigger);
  const plot = html("div", { class: "plot", role: "img", "aria-label": sentence });
  const looked = kind.of.readings ? lookAt(plot, kind.of.readings(run, trigger, extents), closer) : { nodes: [plot], mark: () => {} };
  painters.push(() => {
    const width = widthOf(plot);
    if (width > 0) plot.replaceChildren(kind.of.draw(run, trigger, width, closer?.span() ? [...extents, { ...extents[0], closer: closer.span() }] : extents));
    looked.mark();
  });
  return [html("p", { class: "caption" }, sentence), kind.of.legend?.(run, trigger), ...looked.nodes, ...[kind.of.table(run, trigger)].flat()];
}

/** Looks at a kind's time, from the first beginning of its pictures to the last end. */
function closerOf(kind, extents) {
  if (!kind.timed) return null;
  const closer = closerLook(repaint);
  closer.whole(Math.min(...extents.map((e) => e.from ?? 0)), Math.max(...extents.map((e) => e.to)));
  return closer;
}

function side(kind, run, extents, closer) {
  const label = run.label ? html("h4", {}, html("span", { class: "letter" }, run.label)) : null;
  const why = missing(kind, run);
  return html("div", { class: "side" }, label, ...(why === null ? picture(kind, run, extents, closer) : [html("p", { class: "quiet" }, `Nothing to draw: ${why}.`)]));
}

function figure(kind) {
  const having = runs.filter((run) => missing(kind, run) === null);
  if (having.length === 0) return null;
  const extents = having.map((run) => kind.of.extent?.(run, triggerOf(run)));
  const [closer, title] = [closerOf(kind, extents), titleOf(kind)];
  const node = html("figure", { id: kind.id, "aria-labelledby": `${kind.id}-title` });
  node.append(
    html("h3", { id: `${kind.id}-title` }, title, anchorTo(kind.id, title)),
    toolsOf(node, title, closer, repaint),
    html("div", { class: runs.length > 1 ? "sides" : "whole" }, ...runs.map((run) => side(kind, run, extents, closer))),
  );
  return node;
}

/** What is not drawn, and why: a picture that is not there is a question otherwise. */
function leftOut() {
  const expected = (kind) => runs.some((run) => kind.of.expected?.(run) ?? true);
  const all = kinds.filter((kind) => expected(kind) && runs.every((run) => missing(kind, run) !== null));
  if (all.length === 0) return null;
  return html("div", { class: "left-out quiet" }, html("p", {}, "Left out:"), html("ul", {}, ...all.map((kind) => html("li", {}, `${titleOf(kind)}: ${missing(kind, runs[0])}.`))));
}

function chooser() {
  if (names.length < 2) return null;
  const select = html("select", { id: "trigger" }, ...names.map((name) => html("option", name === chosen ? { selected: "" } : {}, name)));
  select.addEventListener("change", () => {
    chosen = names[select.selectedIndex];
    show();
  });
  const many = runs.length === 1 && names.length > 2 ? wave.overview(runs[0]) : null;
  return html("div", {}, html("p", { class: "chooser" }, html("label", { for: "trigger" }, "Trigger: "), select), many);
}

/** The pictures in the contents, which stand in the page without them. */
function listPictures() {
  const at = document.querySelector("nav.contents a[href='#pictures']");
  document.getElementById("picture-links")?.remove();
  const links = [...list.querySelectorAll("figure")].map((one) => html("li", {}, html("a", { href: `#${one.id}` }, one.querySelector("h3").textContent)));
  if (at && links.length > 0) at.after(html("ul", { id: "picture-links" }, ...links));
}

const control = chooser();
const list = html("div", { class: "list" });

function show() {
  painters = [];
  if (grid) {
    list.replaceChildren(...sweep.figures(grid, { painters, widthOf, repaint }));
    listPictures();
    for (const paint of painters) paint();
    return;
  }
  list.replaceChildren(...inOrder().map(figure).filter((one) => one !== null));
  list.append(...[leftOut()].filter((one) => one !== null));
  listPictures();
  for (const paint of painters) paint();
}

place.append(...[control, list].filter((one) => one !== null));
show();
copyLinks();
// The place that the address names may be a picture, which was not there when the browser looked for it.
document.getElementById(location.hash.slice(1))?.scrollIntoView();

let drawnFor = document.body.clientWidth;
new ResizeObserver(() => {
  if (document.body.clientWidth === drawnFor) return;
  drawnFor = document.body.clientWidth;
  repaint();
}).observe(document.body);
addEventListener("hashchange", repaint);
