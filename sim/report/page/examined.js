// SPDX-License-Identifier: GPL-3.0-or-later
// What was done to the devices and what the examiner noticed (EN 303 645, 5.10-1): a row for each kind, campaigns as bars, alarms below them. Told apart by shape and word, not by colour alone.

import { axisX, dot, plot, rect, ruleX, ruleY, text } from "@observablehq/plot";
import { isShown, spanOf } from "./axes.js";
import { legendOf, tableOf } from "./dom.js";
import { duration, number, timeTicks } from "./words.js";

const campaignsOf = ({ examined }) => examined.campaigns.map(([kind, number, devices, from_s, to_s, noticed]) => ({ kind, number, devices, from_s, to_s, noticed: noticed === 1 }));
const marksOf = ({ examined }) => examined.alarms.map(([kind, at_s, hit, device]) => ({ kind, at_s, hit: hit > 0, named: hit === 2, device: device === 1 }));

const words = (kind) => kind.replaceAll("-", " ");
const counts = (run) => Object.values(run.examined.kinds);
const alarmsOf = (run) => counts(run).reduce((sum, kind) => sum + kind.alarms, 0);
const falseOf = (run) => counts(run).reduce((sum, kind) => sum + kind.alarms - kind.hits, 0);

/** In the order in which they begin: the picture reads as a staircase. */
function kindsOf(run) {
  const [campaigns, alarms] = [campaignsOf(run), marksOf(run)];
  const begin = new Map();
  for (const { kind, from_s } of campaigns) begin.set(kind, Math.min(from_s, begin.get(kind) ?? Infinity));
  for (const { kind, at_s } of alarms) if (!begin.has(kind) || (campaigns.every((c) => c.kind !== kind) && at_s < begin.get(kind))) begin.set(kind, at_s);
  return [...begin].sort((a, b) => a[1] - b[1]).map(([kind]) => kind);
}

/** Whether a reader would look for it: not where nobody did anything and nobody looked. */
export const expected = (run) => run.examined.injected || run.examined.looked;

export function missing(run) {
  const { injected, looked, too_many, campaigns, alarms } = run.examined;
  if (too_many) return "there are too many alarms to hold them against what was done";
  if (campaigns.length > 0 || alarms.length > 0) return null;
  if (injected) return "nothing of what was to be done had begun";
  return looked ? "nothing was done to the devices, and the examiner raised no alarm" : "nothing was done to the devices";
}

export function extent(run) {
  return { to: Math.max(run.summary.duration_s ?? 0, run.series.rows, ...campaignsOf(run).map((c) => c.to_s), ...marksOf(run).map((a) => a.at_s), 1), kinds: kindsOf(run) };
}

export function draw(run, _, width, extents) {
  const kinds = [...new Set(extents.flatMap((e) => e.kinds))];
  const domain = spanOf(extents);
  const wide = width > 560; // else the name of a kind stands above its row
  const marginLeft = wide ? 140 : 12;
  const place = new Map(kinds.map((kind, i) => [kind, i]));
  const least = ((domain[1] - domain[0]) / (width - marginLeft)) * 4; // a campaign of a minute in a week is still seen
  const bars = campaignsOf(run).map((c) => ({ ...c, x2: Math.max(c.to_s, c.from_s + least), y1: place.get(c.kind) + 0.22, y2: place.get(c.kind) + 0.5 }));
  const alarms = marksOf(run).map((a) => ({ ...a, y: place.get(a.kind) + (a.hit ? 0.64 : 0.84) }));
  const row = wide ? 52 : 64;
  const shown = (list, hit) => list.filter((one) => (one.hit ?? one.noticed) === hit && (one.at_s === undefined || isShown(domain)(one.at_s)));
  const begins = run.triggers.map((trigger) => trigger.at_s).filter((at) => at > 0 && isShown(domain)(at));
  return plot({
    width,
    height: 46 + row * kinds.length,
    marginLeft,
    marginRight: 26,
    marginTop: 8,
    marginBottom: 38,
    x: { domain },
    y: { domain: [0, kinds.length], reverse: true, axis: null },
    r: { type: "identity" },
    marks: [
      ruleY([...kinds.keys(), kinds.length], { stroke: "var(--line)" }),
      ruleX(begins, { stroke: "var(--trigger)", strokeWidth: 1.5, strokeDasharray: "3 3" }),
      rect(shown(bars, true), { x1: "from_s", x2: "x2", y1: "y1", y2: "y2", fill: "var(--online)", clip: true }),
      rect(shown(bars, false), { x1: "from_s", x2: "x2", y1: "y1", y2: "y2", fill: "var(--paper)", stroke: "var(--trigger)", strokeWidth: 2, strokeDasharray: "4 2", clip: true }),
      dot(shown(alarms, true).filter((a) => a.named), { x: "at_s", y: "y", r: (a) => (a.device ? 4 : 6), symbol: "triangle", fill: "var(--ink)" }),
      dot(shown(alarms, true).filter((a) => !a.named), { x: "at_s", y: "y", r: (a) => (a.device ? 4 : 6), symbol: "diamond", fill: "var(--paper)", stroke: "var(--ink)", strokeWidth: 1.5 }),
      dot(shown(alarms, false), { x: "at_s", y: "y", r: (a) => (a.device ? 4 : 6), symbol: "times", stroke: "var(--dropped)", strokeWidth: 2 }),
      text(kinds, { x: () => domain[0], y: (kind) => place.get(kind) + (wide ? 0.5 : 0.12), text: words, textAnchor: wide ? "end" : "start", dx: wide ? -8 : 2, fill: "var(--ink)", fontWeight: 600, stroke: "var(--paper)", strokeWidth: 4 }),
      axisX({ ticks: timeTicks(domain[0], domain[1], Math.min(10, (width - marginLeft) / 64)), tickFormat: duration, label: "time since the run began", labelAnchor: "center", labelArrow: "none", color: "var(--quiet)", tickSize: 4 }),
    ],
  });
}

export function readings(run, _, extents) {
  const place = new Map([...new Set(extents.flatMap((e) => e.kinds))].map((kind, i) => [kind, i]));
  const some = (n) => `${number(n)} device${n === 1 ? "" : "s"}`;
  const done = campaignsOf(run).map((c) => ({ x: (c.from_s + c.to_s) / 2, y: place.get(c.kind) + 0.36, said: `${duration(c.from_s)} to ${duration(c.to_s)}: ${words(c.kind)}, done to ${some(c.devices)}; ${!run.examined.looked ? "nobody looked" : c.noticed ? "noticed" : "not noticed"}.` }));
  const raised = marksOf(run).map((a) => ({ x: a.at_s, y: place.get(a.kind) + (a.hit ? 0.64 : 0.84), said: `${duration(a.at_s)}: alarm \u201c${words(a.kind)}\u201d about ${a.device ? "a device" : "many devices"}, ${a.named ? "a hit" : a.hit ? "a hit, though something else was done" : "false"}.` }));
  return [...done, ...raised].sort((a, b) => a.x - b.x);
}

export function sentence(run) {
  const { looked, more } = run.examined;
  const [campaigns, alarms] = [campaignsOf(run), marksOf(run)];
  const noticed = campaigns.filter((c) => c.noticed).length;
  const some = (n, what) => `${number(n)} ${what}${n === 1 ? "" : "s"}`;
  const done = campaigns.length === 0 ? "Nothing was done to the devices." : `${some(campaigns.length + more, "campaign")}${campaigns.length + more === 1 ? ", an order of the drill to some devices" : ", each an order of the drill to some devices"}.`;
  if (!looked) return `${done} Nobody looked: the run had no examiner.`;
  const seen = campaigns.length === 0 ? "" : ` ${noticed === campaigns.length ? (noticed === 1 ? "It was noticed" : "All were noticed") : noticed === 0 ? "None was noticed" : `${number(noticed)} were noticed`}.`;
  const all = alarmsOf(run);
  const raised = all === 0 ? " There was no alarm." : ` ${some(all, "alarm")}, ${falseOf(run) === 0 ? "none of them false" : `${number(falseOf(run))} of them false`}.`;
  const fewer = alarms.length < all ? ` Drawn are ${number(alarms.length)} of them.` : "";
  const not = more > 0 ? ` Not drawn: ${number(more)} further campaigns.` : "";
  return `${done}${seen}${raised}${fewer}${not} An alarm is a hit when something was being done to its device, or had ended no more than ten minutes before; one about many devices when something of its kind was done to any of them; one that took what was done for something else is a hit with a mark of its own. Larger marks are alarms about many devices. Alarms stand in the row of what the examiner took them for.`;
}

export function legend(run) {
  const { looked } = run.examined;
  const [campaigns, alarms] = [campaignsOf(run), marksOf(run)];
  const items = [];
  if (campaigns.some((c) => c.noticed)) items.push(["online", "campaign that was noticed"]);
  if (campaigns.some((c) => !c.noticed)) items.push(["outlined", looked ? "campaign that nobody noticed" : "campaign"]);
  if (alarms.some((a) => a.named)) items.push(["hit", "\u25b2 alarm, a hit", "none"]);
  if (alarms.some((a) => a.hit && !a.named)) items.push(["other", "\u25c7 alarm about a device to which something else was done", "none"]);
  if (alarms.some((a) => !a.hit)) items.push(["false", "\u2715 alarm, false", "none"]);
  const triggers = run.triggers.filter((trigger) => trigger.at_s > 0).map((trigger) => trigger.name);
  if (triggers.length > 0) items.push(["trigger", `trigger: ${triggers.slice(0, 3).join(", ")}${triggers.length > 3 ? " and more" : ""}`, "line"]);
  return legendOf(items);
}

export function table(run) {
  const { kinds } = run.examined;
  const campaigns = campaignsOf(run);
  return tableOf(["kind", "campaigns", "noticed", "devices", "begins", "ends", "alarms", "hits", "false"], () =>
    kindsOf(run).map((kind) => {
      const of = campaigns.filter((c) => c.kind === kind);
      const { alarms, hits } = kinds[kind] ?? { alarms: 0, hits: 0 };
      const when = of.length > 0 ? [duration(Math.min(...of.map((c) => c.from_s))), duration(Math.max(...of.map((c) => c.to_s)))] : ["\u2013", "\u2013"];
      return [words(kind), number(of.length), number(of.filter((c) => c.noticed).length), number(of.reduce((sum, c) => sum + c.devices, 0)), ...when, number(alarms), number(hits), number(alarms - hits)];
    }),
  );
}
