// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers as a person reads them, as the rest of the page has them (sim/core/time.c, sim/judge/words.c).

const grouped = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const threeDigits = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });

export function number(value) {
  if (value === null || value === undefined || Number.isNaN(value)) return "unknown";
  return Math.abs(value) >= 1000 ? grouped.format(value) : threeDigits.format(value);
}

/** With as many digits as it takes to tell it from nothing and from all, as judge_words_share has it: 14,671 of 14,672 are not 100 %. */
export function percent(share) {
  if (share === null || share === undefined) return "unknown";
  let text = threeDigits.format(100 * share);
  for (let digits = 4; digits < 12 && (Number(text) === 0 || Number(text) === 100) && Number(text) !== 100 * share; digits++) {
    text = new Intl.NumberFormat("en", { maximumSignificantDigits: digits }).format(100 * share);
  }
  return `${text} %`;
}

/** Seconds as "250ms", "4.5s", "2m03s", "1h02m", "3d04h". */
export function duration(seconds) {
  if (seconds === null || seconds === undefined || Number.isNaN(seconds)) return "unknown";
  if (seconds < 0) return `-${duration(-seconds)}`;
  if (seconds === 0) return "0s";
  if (seconds < 1e-3) return `${threeDigits.format(seconds * 1e6)}us`;
  if (seconds < 0.9995) return `${threeDigits.format(seconds * 1e3)}ms`;
  if (seconds < 59.95) return `${threeDigits.format(seconds)}s`;
  const whole = Math.round(seconds);
  const two = (n) => String(n).padStart(2, "0");
  const [d, h, m, s] = [Math.floor(whole / 86400), Math.floor(whole / 3600) % 24, Math.floor(whole / 60) % 60, whole % 60];
  if (d > 0) return h > 0 ? `${d}d${two(h)}h` : `${d}d`;
  if (h > 0) return m > 0 || s > 0 ? `${h}h${two(m)}m` : `${h}h`;
  return s > 0 ? `${m}m${two(s)}s` : `${m}m`;
}

/** Places on a logarithmic scale of seconds that people count in: decades, or where these are few 1, 2 and 5 of each. Beyond a minute those of a clock. */
export function logTicks(from, to) {
  const inside = (ticks) => ticks.filter((tick) => tick >= from && tick <= to);
  const short = [1, 2, 3, 4, 5, 6].map((e) => 10 ** (e - 5));
  const clock = [60, 600, 3600, 21600, 86400, 604800];
  const coarse = inside([...short, ...clock]);
  if (coarse.length > 2) return coarse;
  const fine = inside([...[-5, -4, -3, -2, -1, 0].flatMap((e) => [1, 2, 5].map((n) => n * 10 ** e)), 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 28800, 43200, 86400]);
  return fine.length > 1 ? fine : inside([1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9].flatMap((n) => [-5, -4, -3, -2, -1, 0, 1, 2, 3, 4].map((e) => n * 10 ** e)).sort((a, b) => a - b));
}

const steps = [1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 10800, 21600, 43200];

/** About `wanted` places between two times, at seconds, minutes, hours or days that people count in. */
export function timeTicks(from, to, wanted) {
  const least = (to - from) / Math.max(1, wanted);
  const step = steps.find((one) => one >= least) ?? Math.ceil(least / 86400) * 86400;
  const ticks = [];
  for (let tick = Math.ceil(from / step) * step; tick <= to; tick += step) ticks.push(tick);
  return ticks;
}
