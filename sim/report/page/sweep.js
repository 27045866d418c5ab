// SPDX-License-Identifier: GPL-3.0-or-later
// The pictures of sweep.html: each measure over the varied parameter that has numbers, a line for each combination of the others with the range over the seeds; a map of tints where lines would be too
// many; where nothing has numbers, a row for each setting.

import { axisX, axisY, cell, dot, gridX, gridY, line, plot, ruleX, ruleY, text } from "@observablehq/plot";
import { namesAt, scaleAxis } from "./axes.js";
import { html, legendOf, tableOf } from "./dom.js";
import { anchorTo, lookAt, toolsOf } from "./look.js";
import { duration, logTicks, number, percent, timeTicks } from "./words.js";

// Shape and word tell lines apart, colour helps.
const looks = [
  ["circle", "\u25cf", "online"],
  ["square", "\u25a0", "dropped"],
  ["triangle", "\u25b2", "refused"],
  ["diamond2", "\u25c6", "pass"],
  ["star", "\u2605", "inconclusive"],
  ["cross", "\u271a", "ink"],
  ["triangle2", "\u25bc", "quiet"],
  ["wye", "Y", "busy"],
];
const farApart = 30; // largest over smallest: from here on a logarithmic scale
const mostRows = 60;

const worded = (unit) => (unit === "s" ? duration : unit === "share" ? percent : number);
/** The axis that goes along the picture: the first with more than one number. */
const alongOf = ({ axes }) => axes.findIndex((axis) => axis.numbers && axis.values.length > 1);
/** What an axis says: the measure with its unit, and that its steps multiply. */
const axisLabel = ({ name, unit }, scale) => `${name}${["", "s", "share"].includes(unit) ? "" : ` in ${unit}`}${scale.type === "log" ? ", logarithmic" : ""}`;
const setting = (grid, point, but) =>
  grid.axes.flatMap((axis, i) => (i === but ? [] : [`${grid.axes.length > (but >= 0 ? 2 : 1) ? `${axis.name}=` : ""}${axis.values[point.at[i]] ?? "\u2026"}`])).join(", ");

/** The points with their settings in words; `x`: where they lie along the axis. */
function pointsOf(grid, column, along) {
  return grid.points.map((point, i) => {
    const [median, low, high] = point.figures[column];
    return { ...point, median, low: low ?? median, high, cheapest: i === grid.cheapest, x: along >= 0 ? grid.axes[along].numbers[point.at[along]] : null, name: setting(grid, point, along) };
  });
}

/** Whether the pictures of a unit have logarithmic scales: all of them or none, for they stand one above the other. */
function isFar(grid, unit) {
  if (unit === "share") return false; // a share is of all, and all is what it is seen against
  const columns = grid.columns.flatMap((one, i) => (one.unit === unit ? [grid.points.flatMap((point) => point.figures[i]).filter(Number.isFinite)] : []));
  return columns.some((all) => Math.max(...all) > farApart * Math.min(...all)) && columns.every((all) => Math.min(...all) > 0);
}

function scaleOf(values, far) {
  const all = values.filter(Number.isFinite);
  const [least, most] = [Math.min(...all), Math.max(...all)];
  if (all.length === 0) return { type: "linear", domain: [0, 1] };
  return far && least > 0 ? { type: "log", domain: [least / 1.2, most * 1.2] } : { type: "linear", domain: [Math.min(0, least), most > 0 ? most * 1.08 : 1] };
}

function ticksOf(scale, unit, wanted) {
  if (unit === "s") return scale.type === "log" ? logTicks(...scale.domain) : scale.domain[1] > 10 ? timeTicks(...scale.domain, wanted) : wanted;
  if (scale.type !== "log") return wanted;
  const [from, to] = scale.domain;
  const decades = [];
  for (let tick = 10 ** Math.ceil(Math.log10(from)); tick <= to; tick *= 10) decades.push(tick);
  return decades.length > 1 ? decades : [1, 2, 5, 10, 20, 50].map((n) => n * 10 ** Math.floor(Math.log10(from))).filter((n) => n >= from && n <= to);
}

function lines(grid, column, along, width) {
  const { unit } = grid.columns[column];
  const points = pointsOf(grid, column, along).filter((point) => point.median !== null);
  const names = [...new Set(pointsOf(grid, column, along).map((point) => point.name))];
  const of = (one) => points.filter((point) => point.name === one);
  const aside = (i) => (i - (names.length - 1) / 2) * 10; // lines that lie on each other are seen all the same
  const xs = grid.axes[along].numbers;
  const least = Math.min(...xs);
  const x = least > 0 && Math.max(...xs) > 5 * least ? { type: "log", domain: [least / 1.1, Math.max(...xs) * 1.1] } : { type: "linear", domain: [least, Math.max(...xs)], inset: 12 };
  const y = scaleOf(points.flatMap((point) => [point.low, point.median, point.high]), isFar(grid, unit));
  const ticks = ticksOf(y, unit, 5);
  const every = Math.ceil(xs.length / Math.max(2, width / 70));
  const label = new Map(xs.map((value, i) => [value, grid.axes[along].values[i]]));
  const colour = (i) => `var(--${looks[i][2]})`;
  return plot({
    width,
    height: 280,
    marginLeft: 60,
    marginRight: 26,
    marginTop: 28,
    marginBottom: 38,
    x,
    y,
    marks: [
      gridY({ ticks, stroke: "var(--line)", strokeOpacity: 1 }),
      ...names.map((one, i) => ruleX(of(one), { x: "x", y1: "low", y2: (point) => point.high ?? y.domain[1], stroke: colour(i), strokeWidth: 1.5, dx: aside(i) })),
      ...names.map((one, i) => line(of(one), { x: "x", y: "median", stroke: colour(i), strokeWidth: 2, dx: aside(i) })),
      ...names.map((one, i) => dot(of(one), { x: "x", y: "median", r: 5, symbol: looks[i][0], fill: colour(i), stroke: "var(--paper)", dx: aside(i) })),
      ...names.map((one, i) => dot(of(one).filter((point) => point.cheapest), { x: "x", y: "median", r: 11, stroke: "var(--ink)", strokeWidth: 2.5, dx: aside(i) })),
      scaleAxis(axisX, x, xs.filter((_, i) => i % every === 0), (value) => label.get(value) ?? "", { label: axisLabel({ name: grid.axes[along].name, unit: "" }, x), labelAnchor: "center", labelArrow: "none", color: "var(--quiet)", tickSize: 4 }),
      scaleAxis(axisY, y, ticks, worded(unit), { label: axisLabel(grid.columns[column], y), labelArrow: "none", color: "var(--quiet)", tickSize: 0 }),
    ],
  });
}

/** Darker is more; each field has its number, where there is room. */
function tints(grid, column, along, width) {
  const { unit } = grid.columns[column];
  const all = pointsOf(grid, column, along);
  const names = [...new Set(all.map((point) => point.name))].slice(0, mostRows);
  const points = all.filter((point) => names.includes(point.name));
  const scale = scaleOf(points.map((point) => point.median), isFar(grid, unit));
  const place = (value) => (scale.type === "log" ? Math.log(value / scale.domain[0]) / Math.log(scale.domain[1] / scale.domain[0]) : (value - scale.domain[0]) / (scale.domain[1] - scale.domain[0]));
  const values = grid.axes[along].values;
  const marginLeft = Math.min(180, width / 3);
  const { row, axis } = namesAt(names, marginLeft, 26);
  const roomy = (width - marginLeft) / values.length > 44;
  const every = Math.ceil(values.length / Math.max(2, (width - marginLeft) / 60));
  const where = { x: (point) => values[point.at[along]], y: "name" };
  return plot({
    width,
    height: 70 + row * names.length,
    marginLeft,
    marginRight: 8,
    marginBottom: 38,
    x: { type: "band", domain: values, padding: 0.04 },
    y: { type: "band", domain: names, padding: 0.06, label: null },
    marks: [
      cell(points, { ...where, fill: "var(--online)", fillOpacity: (point) => (point.median === null ? 0 : 0.08 + 0.62 * place(point.median)) }),
      cell(points.filter((point) => point.median === null), { ...where, fill: "none", stroke: "var(--line)", strokeDasharray: "3 3" }),
      cell(points.filter((point) => point.cheapest), { ...where, fill: "none", stroke: "var(--ink)", strokeWidth: 3 }),
      roomy ? text(points, { ...where, text: (point) => (point.runs === 0 ? "not run" : point.median === null ? "never" : worded(unit)(point.median)), fill: "var(--ink)" }) : null,
      axisX({ ticks: values.filter((_, i) => i % every === 0), label: grid.axes[along].name, labelAnchor: "center", labelArrow: "none", color: "var(--quiet)", tickSize: 0 }),
      axis,
    ],
  });
}

function rows(grid, column, width) {
  const { unit } = grid.columns[column];
  const points = pointsOf(grid, column, -1).slice(0, mostRows);
  const known = points.filter((point) => point.median !== null);
  const x = scaleOf(known.flatMap((point) => [point.low, point.median, point.high]), isFar(grid, unit));
  const ticks = ticksOf(x, unit, Math.max(3, width / 160));
  const marginLeft = Math.min(200, width / 3);
  const { row, axis } = namesAt(points.map((point) => point.name), marginLeft, 26);
  return plot({
    width,
    height: 60 + row * points.length,
    marginLeft,
    marginRight: 60,
    marginBottom: 38,
    x,
    y: { type: "band", domain: points.map((point) => point.name), label: null },
    marks: [
      gridX({ ticks, stroke: "var(--line)", strokeOpacity: 1 }),
      ruleY(known, { y: "name", x1: "low", x2: (point) => point.high ?? x.domain[1], stroke: "var(--online)", strokeWidth: 3 }),
      dot(known, { y: "name", x: "median", r: 5, fill: "var(--online)", stroke: "var(--paper)" }),
      dot(known.filter((point) => point.cheapest), { y: "name", x: "median", r: 10, stroke: "var(--ink)", strokeWidth: 2.5 }),
      text(known, { y: "name", x: (point) => point.high ?? x.domain[1], text: (point) => worded(unit)(point.median), textAnchor: "start", dx: 8, fill: "var(--ink)" }),
      scaleAxis(axisX, x, ticks, worded(unit), { label: axisLabel(grid.columns[column], x), labelAnchor: "center", labelArrow: "none", color: "var(--quiet)", tickSize: 4 }),
      axis,
    ],
  });
}

/** All settings alike, or none with a figure. */
function isFlat(grid, column) {
  const ran = grid.points.filter((point) => point.runs > 0);
  const medians = new Set(ran.map((point) => point.figures[column][0]));
  return medians.size < 2 && (ran.length !== 1 || medians.has(null));
}

/** `ranged`: the picture shows what each setting came to at the least and the most. */
function sentence(grid, column, ranged) {
  const { name, unit } = grid.columns[column];
  const ran = pointsOf(grid, column, -1).filter((point) => point.runs > 0);
  const known = ran.filter((point) => point.median !== null);
  if (ran.length === 0) return "No setting was run.";
  const missing = grid.points.length - ran.length;
  const notRun = missing > 0 ? ` ${number(missing)} setting${missing === 1 ? " was" : "s were"} not run.` : "";
  if (known.length === 0) return `No setting has a middle of \u201c${name}\u201d: half of its runs or more never came that far.${notRun}`;
  const words = worded(unit);
  const [least, most] = [known.reduce((a, b) => (b.median < a.median ? b : a)), known.reduce((a, b) => (b.median > a.median ? b : a))];
  const none = ran.length - known.length;
  const never = none > 0 ? ` ${number(none)} setting${none === 1 ? " has" : "s have"} none: half of the runs or more never came that far.` : "";
  const ring = known.find((point) => point.cheapest);
  const cheapest = ring ? ` Ringed: the cheapest setting that is good enough, ${setting(grid, ring, -1)}, with ${words(ring.median)}.` : "";
  if (least.median === most.median && none === 0) return `${words(least.median)} in all settings${missing > 0 ? " that ran" : ""}, so there is nothing to draw.${notRun}`;
  const [fewest, often] = [Math.min(...ran.map((point) => point.runs)), Math.max(...ran.map((point) => point.runs))];
  const seeds = often > 1 ? ` Middle over ${fewest < often ? `${number(fewest)} to ` : ""}${number(often)} seeds${ranged ? ", with a thin line from the lowest to the highest" : "; darker is more"}.` : "";
  return `From ${words(least.median)} (${setting(grid, least, -1)}) to ${words(most.median)} (${setting(grid, most, -1)}).${never}${notRun}${cheapest}${seeds}`;
}

// How a measure is drawn, and where a setting lies in it.
const forms = {
  lines: { draw: lines, place: (point) => ({ x: point.x, y: point.median }) },
  tints: { draw: tints, place: (point, grid, along) => ({ x: grid.axes[along].values[point.at[along]], y: point.name }) },
  rows: { draw: (grid, column, along, width) => rows(grid, column, width), place: (point) => ({ x: point.median, y: point.name }) },
};

/** What a reader is told at each setting that ran. */
function readings(grid, column, along, form) {
  const words = worded(grid.columns[column].unit);
  const end = (value) => (value === null ? "never" : words(value));
  return pointsOf(grid, column, along)
    .filter((point) => point.runs > 0)
    .map((point) => {
      const range = point.runs > 1 && point.median !== null ? `, from ${end(point.low)} to ${end(point.high)} over ${number(point.runs)} seeds` : "";
      return { ...form.place(point, grid, along), said: `${setting(grid, point, -1)}: ${end(point.median)}${range}.` };
    })
    .filter(({ x, y }) => x !== null && y !== null);
}

function tableIn(grid, column) {
  const words = worded(grid.columns[column].unit);
  const end = (point) => (value) => (point.runs === 0 ? "not run" : value === null ? "never" : words(value));
  const good = (point) => (point.meets === null ? (point.runs === 0 ? "not run" : "not all run") : point.meets ? "yes" : "no");
  return tableOf(["setting", "middle", "lowest", "highest", "good enough"], () =>
    pointsOf(grid, column, -1).map((point) => [setting(grid, point, -1), ...[point.median, point.low, point.high].map(end(point)), good(point)]),
  );
}

function figure(grid, column, { painters, widthOf, repaint }) {
  const { name } = grid.columns[column];
  const along = alongOf(grid);
  const id = `figure-${column}`;
  const node = html("figure", { id, "aria-labelledby": `${id}-title` }, html("h3", { id: `${id}-title` }, name, anchorTo(id, name)));
  const names = [...new Set(pointsOf(grid, column, along).map((point) => point.name))];
  const few = names.length <= looks.length;
  const kind = along < 0 ? "rows" : few ? "lines" : "tints";
  const said = sentence(grid, column, kind !== "tints");
  const caption = html("p", { class: "caption" }, said);
  if (isFlat(grid, column)) {
    node.append(caption);
    return node;
  }
  const form = forms[kind];
  const place = html("div", { class: "plot", role: "img", "aria-label": said });
  const looked = lookAt(place, readings(grid, column, along, form), null);
  painters.push(() => {
    const width = widthOf(place);
    if (width > 0) place.replaceChildren(form.draw(grid, column, along, width));
    looked.mark();
  });
  const legend = along >= 0 && few && names[0] !== "" ? [legendOf(names.map((one, i) => [looks[i][2], `${looks[i][1]} ${one}`, "line"]))] : [];
  node.append(toolsOf(node, name, null, repaint), caption, ...legend, ...looked.nodes, tableIn(grid, column));
  return node;
}

/** `paper`: where painters of pictures go, what width they draw for, and what draws all anew. */
export function figures(grid, paper) {
  const all = grid.columns.map((_, column) => figure(grid, column, paper));
  if (grid.points.length < grid.all) all.unshift(html("p", {}, `Drawn are the first ${number(grid.points.length)} of ${number(grid.all)} settings; all of them are in sweep.csv.`));
  if (grid.columns.length === 0) all.push(html("p", {}, grid.points.some((point) => point.runs > 0) ? "The runs have no measure to draw." : "No setting was run."));
  return all;
}
