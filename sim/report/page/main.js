// SPDX-License-Identifier: GPL-3.0-or-later
// Draws the pictures of report.html from the data that stand in it: one run, or two side by side on the same scales. Texts of the page are in its HTML already.

import { html } from "./dom.js";
import * as delays from "./delays.js";
import * as latency from "./latency.js";
import * as local from "./local.js";
import * as online from "./online.js";
import * as phases from "./phases.js";
import * as wave from "./wave.js";

// In the order in which they stand; those of `trigger` are drawn for the trigger that is chosen.
const kinds = [
  { title: "The wave: attempts per second against capacity", of: wave, trigger: true },
  { title: "Devices online over time", of: online },
  { title: "In step, or each on its own", of: phases, trigger: true },
  { title: "Delays before each attempt", of: delays, trigger: true },
  { title: "How long connecting and requests took", of: latency },
  { title: "Local function", of: local },
];

// What steers text instead of being some (controls, marks of direction) is shown as a question mark, as in the rest of the page (sim/report/text.c).
const steering = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;
const plain = (_, value) => (typeof value === "string" ? value.replace(steering, "?") : value);

const { runs } = JSON.parse(document.getElementById("data").textContent, plain);
const place = document.getElementById("figures");
const names = [...new Set(runs.flatMap((run) => run.triggers.map((trigger) => trigger.name)))];
let chosen = names.at(-1);
let painters = []; // one for each picture: draws it anew for a width

const triggerOf = (run) => run.triggers.find((trigger) => trigger.name === chosen);

/** Whether there is something to draw of this kind in this run. */
function applies(kind, run) {
  const trigger = triggerOf(run);
  if (kind.trigger && !trigger) return false;
  return kind.of.has ? kind.of.has(run, trigger) : true;
}

function picture(kind, run, extents) {
  const trigger = triggerOf(run);
  const sentence = kind.of.sentence(run, trigger);
  const plot = html("div", { class: "plot", role: "img", "aria-label": sentence });
  painters.push(() => {
    const width = Math.floor(plot.clientWidth);
    if (width > 0) plot.replaceChildren(kind.of.draw(run, trigger, width, extents));
  });
  return [html("p", { class: "caption" }, sentence), kind.of.legend?.(run, trigger), plot, kind.of.table(run, trigger)];
}

function side(kind, run, extents) {
  const label = run.label ? html("h4", {}, html("span", { class: "letter" }, run.label)) : null;
  const nothing = html("p", { class: "quiet" }, "This run has nothing to show here.");
  return html("div", { class: "side" }, label, ...(applies(kind, run) ? picture(kind, run, extents) : [nothing]));
}

function figure(kind, i) {
  const having = runs.filter((run) => applies(kind, run));
  if (having.length === 0) return null;
  const extents = having.map((run) => kind.of.extent?.(run, triggerOf(run)));
  return html(
    "figure",
    { id: `figure-${i}`, "aria-labelledby": `figure-${i}-title` },
    html("h3", { id: `figure-${i}-title` }, kind.title),
    html("div", { class: runs.length > 1 ? "sides" : "whole" }, ...runs.map((run) => side(kind, run, extents))),
  );
}

function chooser() {
  if (names.length < 2) return null;
  const select = html("select", { id: "trigger" }, ...names.map((name) => html("option", name === chosen ? { selected: "" } : {}, name)));
  select.addEventListener("change", () => {
    chosen = names[select.selectedIndex];
    show();
  });
  return html("p", { class: "chooser" }, html("label", { for: "trigger" }, "Trigger: "), select);
}

const control = chooser();
const list = html("div");

function show() {
  painters = [];
  list.replaceChildren(...kinds.map(figure).filter((one) => one !== null));
  if (list.children.length === 0) list.append(html("p", {}, "Nobody tried to connect, so there is nothing to draw."));
  for (const paint of painters) paint();
}

place.append(...[control, list].filter((one) => one !== null));
show();

let drawnFor = place.clientWidth;
new ResizeObserver(() => {
  if (place.clientWidth === drawnFor) return;
  drawnFor = place.clientWidth;
  requestAnimationFrame(() => painters.forEach((paint) => paint()));
}).observe(place);
