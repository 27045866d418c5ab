// SPDX-License-Identifier: GPL-3.0-or-later
// What a reader does with a picture: reads values (pointer or arrow keys), looks closer at a span of time, sees it larger, and links to it. Values are told in words below the picture, so that
// nobody needs a mouse for them.

import { html, svg } from "./dom.js";

const leap = 10; // readings that an arrow key with Shift goes on
const least = 1 / 2000; // of the whole: what is shown at the closest
const dragged = 8; // pixels from which on a press is no click any more

/** A link to a place of the page. What is clicked lies in the clipboard, where the browser lets it, and in the address. */
export function anchorTo(id, title) {
  return html("a", { class: "anchor", href: `#${id}`, "aria-label": `Link to \u201c${title}\u201d` });
}

/** One for all links of the page, those that stand in its HTML too. */
export function copyLinks() {
  document.addEventListener("click", async ({ target }) => {
    if (!target.matches?.("a.anchor")) return;
    try {
      await navigator.clipboard.writeText(target.href);
    } catch {
      return; // the address has it all the same
    }
    target.classList.add("copied");
    setTimeout(() => target.classList.remove("copied"), 2000);
  });
}

/** The span of time that is shown, of all pictures of one kind; `changed` draws them anew. */
export function closerLook(changed) {
  let [from, to, span] = [0, 1, null];
  const set = (a, b) => {
    const width = Math.min(to - from, Math.max(b - a, least * (to - from)));
    const begin = Math.min(Math.max(a, from), to - width);
    span = width >= to - from ? null : [begin, begin + width];
    changed();
  };
  const shown = () => span ?? [from, to];
  return {
    whole: (a, b) => ([from, to] = [a, b]),
    span: () => span,
    set,
    reset: () => set(from, to),
    /** `by` < 1: closer, around a place (the middle, where there is none). */
    scale: (by, around) => {
      const [a, b] = shown();
      const centre = around >= a && around <= b ? around : (a + b) / 2;
      set(centre - (centre - a) * by, centre + (b - centre) * by);
    },
    /** So far that a place is shown. */
    follow: (x) => {
      const [a, b] = shown();
      if (x < a || x > b) set(x - (b - a) / 2, x + (b - a) / 2);
    },
  };
}

const button = (word, label, act) => {
  const node = html("button", { type: "button", "aria-label": label, title: label }, word);
  node.addEventListener("click", act);
  return node;
};

/** The buttons of a picture. `closer`: null where it has no time to look closer at. */
export function toolsOf(figure, title, closer, changed) {
  const larger = button("Larger", `Larger, and back: ${title}`, () => {
    document.body.classList.toggle("covered", figure.classList.toggle("large"));
    larger.textContent = figure.classList.contains("large") ? "Back" : "Larger";
    changed();
  });
  figure.addEventListener("keydown", ({ key }) => {
    if (key === "Escape" && figure.classList.contains("large")) larger.click();
  });
  const time = closer
    ? [
        button("+", `Closer: ${title}`, () => closer.scale(0.5)),
        button("\u2212", `Wider: ${title}`, () => closer.scale(2)),
        button("All", `The whole time: ${title}`, closer.reset),
      ]
    : [];
  return html("p", { class: "tools" }, ...time, larger);
}

/** Where a value lies on a scale, in the picture's own pixels; a band: in its middle. */
const placeOn = (scale, value) => scale.apply(value) + (scale.bandwidth ?? 0) / 2;

const scaled = (plot) => [...plot.querySelectorAll("svg")].filter((one) => one.scale?.("x"));

/** A pointer's place in the picture's own pixels. */
function within(picture, { clientX, clientY }) {
  const box = picture.getBoundingClientRect();
  const by = picture.viewBox.baseVal.width / box.width;
  return [(clientX - box.left) * by, (clientY - box.top) * by];
}

function distance(picture, { x, y }, [px, py]) {
  const across = placeOn(picture.scale("x"), x) - px;
  return y === undefined ? Math.abs(across) : Math.hypot(across, placeOn(picture.scale("y"), y) - py);
}

function mark(picture, { x, y }) {
  const px = placeOn(picture.scale("x"), x);
  if (!Number.isFinite(px)) return;
  const [bottom, top] = picture.scale("y").range;
  picture.append(y === undefined ? svg("line", { class: "cursor", x1: px, x2: px, y1: bottom, y2: top }) : svg("circle", { class: "cursor", cx: px, cy: placeOn(picture.scale("y"), y), r: 9 }));
}

/** Drags a span of time open. */
function letDrag(plot, closer) {
  let begin = null;
  const xOf = (event) => begin.picture.scale("x").invert(within(begin.picture, event)[0]);
  plot.addEventListener("pointerdown", (event) => {
    const picture = event.target.closest?.("svg");
    if (event.pointerType === "touch" || event.button !== 0 || !picture?.scale) return;
    begin = { picture, at: event.clientX, box: svg("rect", { class: "span" }) };
    begin.x = xOf(event);
    picture.append(begin.box);
    event.preventDefault(); // no text is selected on the way
    plot.closest(".frame").focus({ preventScroll: true });
  });
  addEventListener("pointermove", (event) => {
    if (begin === null) return;
    const [a, b] = [begin.x, xOf(event)].map((x) => begin.picture.scale("x").apply(x)).sort((one, other) => one - other);
    const [bottom, top] = begin.picture.scale("y").range;
    for (const [name, value] of Object.entries({ x: a, width: b - a, y: Math.min(top, bottom), height: Math.abs(bottom - top) })) begin.box.setAttribute(name, value);
  });
  addEventListener("pointerup", (event) => {
    if (begin === null) return;
    const [a, b] = [begin.x, xOf(event)].sort((one, other) => one - other);
    const far = Math.abs(event.clientX - begin.at) > dragged;
    begin.box.remove();
    begin = null;
    if (far) closer.set(a, b);
  });
  plot.addEventListener("dblclick", closer.reset);
}

const steps = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };

/** A picture with its values. `readings`: [{ x, y?, said }] in the scales' own values, in the order of the arrow keys; `mark` is called when the picture has been drawn anew. */
export function lookAt(plot, readings, closer) {
  let at = -1;
  const hint = `Values: point at the picture, or arrow keys${closer ? ". Closer: drag, or + and \u2212; all: 0" : ""}`;
  const said = html("p", { class: "reading", "aria-live": "polite" }, hint);
  const frame = html("div", { class: "frame", tabindex: "0", role: "group", "aria-label": "A picture: arrow keys tell its values" }, plot);
  const draw = () => {
    for (const one of plot.querySelectorAll(".cursor")) one.remove();
    if (at >= 0) for (const picture of scaled(plot)) mark(picture, readings[at]);
  };
  const tell = (i) => {
    at = i;
    said.textContent = i < 0 ? hint : readings[i].said;
    draw();
  };
  plot.addEventListener("pointermove", (event) => {
    const picture = event.target.closest?.("svg");
    if (!picture?.scale || readings.length === 0) return;
    const place = within(picture, event);
    const far = readings.map((one) => distance(picture, one, place));
    tell(far.indexOf(Math.min(...far.filter(Number.isFinite))));
  });
  frame.addEventListener("keydown", (event) => {
    const { key, shiftKey } = event;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const around = at >= 0 ? readings[at].x : undefined;
    if (key in steps) tell(Math.min(readings.length - 1, Math.max(0, at + steps[key] * (shiftKey && Number.isFinite(steps[key]) ? leap : 1))));
    else if (closer && key === "+") closer.scale(0.5, around);
    else if (closer && key === "-") closer.scale(2, around);
    else if (closer && key === "0") closer.reset();
    else if (key === "Escape" && at >= 0) tell(-1);
    else return;
    event.preventDefault();
    if (key === "Escape") event.stopPropagation();
    if (key in steps && closer) closer.follow(readings[at].x);
  });
  if (closer) letDrag(plot, closer);
  return { nodes: [frame, said], mark: draw };
}
