// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers as a person reads them, as the rest of the page has them (sim/core/time.c, sim/judge/words.c).

const grouped = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const threeDigits = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });

export function number(value) {
  if (value === null || value === undefined || Number.isNaN(value)) return "unknown";
  return Math.abs(value) >= 1000 ? grouped.format(value) : threeDigits.format(value);
}

export function percent(share) {
  return share === null || share === undefined ? "unknown" : `${threeDigits.format(100 * share)} %`;
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

const steps = [1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 10800, 21600, 43200];

/** About `wanted` places between two times, at seconds, minutes, hours or days that people count in. */
export function timeTicks(from, to, wanted) {
  const least = (to - from) / Math.max(1, wanted);
  const step = steps.find((one) => one >= least) ?? Math.ceil(least / 86400) * 86400;
  const ticks = [];
  for (let tick = Math.ceil(from / step) * step; tick <= to; tick += step) ticks.push(tick);
  return ticks;
}
