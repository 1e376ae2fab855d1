/** Evidence as colour behind a trace, by the same rule as the printed pictures. */

import { colourAt } from "../colormaps.js";

export const BIN_MS = 10;
const FULL_COLOUR = 0.995;

/**
 * Sum evidence in steps of 10 ms, so that colours do not depend on the sampling rate.
 *
 * @param {ArrayLike<number>} row logit per sample
 * @param {number} fs Hz
 * @returns {Float64Array} logit per 10 ms; the sum is kept
 */
export function binned(row, fs) {
  const per = (BIN_MS / 1000) * fs;
  const n = row.length;
  const bins = new Float64Array(Math.ceil(n / per - 1e-9));
  const running = new Float64Array(n + 1);
  for (let i = 0; i < n; i++) running[i + 1] = running[i] + row[i];
  const upTo = (/** @type {number} */ edge) => {
    const i = Math.min(Math.floor(edge), n);
    return running[i] + (i < n ? (edge - i) * (running[i + 1] - running[i]) : 0);
  };
  for (let b = 0; b < bins.length; b++) bins[b] = upTo(Math.min((b + 1) * per, n)) - upTo(b * per);
  return bins;
}

/**
 * Keep one sign of the evidence only.
 *
 * @param {ArrayLike<number>} row
 * @param {"signed"|"for"|"against"} sign
 */
export function ofSign(row, sign) {
  if (sign === "signed") return Float32Array.from(row);
  const keep = sign === "for" ? Math.max : Math.min;
  return Float32Array.from(row, (value) => keep(value, 0));
}

/**
 * Size of evidence that gets the full colour: the 99.5th percentile, or 1 if there is none.
 *
 * @param {Float64Array[]} rows
 */
export function colourLimit(rows) {
  const sizes = Float64Array.from(rows.flatMap((row) => Array.from(row, Math.abs))).sort();
  if (sizes.length === 0) return 1;
  const place = FULL_COLOUR * (sizes.length - 1);
  const low = Math.floor(place);
  const next = sizes[Math.min(low + 1, sizes.length - 1)];
  return sizes[low] + (place - low) * (next - sizes[low]) || sizes[sizes.length - 1] || 1;
}

/**
 * Colour of an amount of evidence on paper: nothing is clear.
 *
 * The dark ends of the table would swallow the trace; 0.14 to 0.86 stays lighter than ink.  On
 * dark paper the pale middle would glare, so there opacity alone tells the amount.
 *
 * @param {number} value
 * @param {number} limit value of the full colour
 * @param {Uint8Array} table signed colour table
 * @param {boolean} dark
 */
export function shade(value, limit, table, dark) {
  const scaled = Math.min(1, Math.max(-1, value / limit));
  const place = dark ? 0.5 + 0.3 * Math.sign(scaled) : 0.5 + 0.36 * scaled;
  const opacity = dark ? 0.85 * Math.abs(scaled) ** 0.7 : Math.min(0.9, 4 * Math.abs(scaled));
  const [r, g, b] = colourAt(table, place);
  return `rgba(${r},${g},${b},${opacity.toFixed(3)})`;
}
