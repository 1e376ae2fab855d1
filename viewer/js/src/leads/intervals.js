/** Editing of marked intervals as pure steps from list to list; callers keep the history. */

import { xOf } from "./geometry.js";
import { stretchesOn } from "./brackets.js";

/**
 * @typedef {object} Interval
 * @property {string[]} leads
 * @property {number} onset_ms
 * @property {number} offset_ms
 * @property {"beat"|"recording"} [on] what the times count from, the beat's R peak by default
 */

/** @typedef {"onset"|"offset"|"body"} Part */

/** Shorter drags are clicks, not marks. */
export const SHORTEST_MS = 8;

/** @param {readonly Interval[]} list @param {Interval} one @returns {Interval[]} */
export const added = (list, one) => [...list, one];

/** @param {readonly Interval[]} list @param {number} at @returns {Interval[]} */
export const removed = (list, at) => list.filter((_, i) => i !== at);

/** @param {readonly Interval[]} list @param {number} at @param {Interval} one @returns {Interval[]} */
export const replaced = (list, at, one) => list.map((old, i) => (i === at ? one : old));

/**
 * Make an interval from two ends in either order.
 *
 * @param {string[]} leads @param {number} a_ms @param {number} b_ms @param {"beat"|"recording"} on
 * @returns {Interval|null} null where it is too short to mean anything
 */
export function between(leads, a_ms, b_ms, on) {
  const [onset_ms, offset_ms] = a_ms < b_ms ? [a_ms, b_ms] : [b_ms, a_ms];
  if (offset_ms - onset_ms < SHORTEST_MS || leads.length === 0) return null;
  return { leads, onset_ms: Math.round(onset_ms), offset_ms: Math.round(offset_ms), on };
}

/**
 * Move or resize an interval; it keeps within the bounds and never turns over.
 *
 * @param {Interval} interval @param {Part} part @param {number} by_ms @param {[number, number]} bounds
 * @returns {Interval}
 */
export function dragged(interval, part, by_ms, bounds) {
  const { onset_ms, offset_ms } = interval;
  if (part === "onset") {
    const onset = Math.max(bounds[0], Math.min(onset_ms + by_ms, offset_ms - SHORTEST_MS));
    return { ...interval, onset_ms: Math.round(onset) };
  }
  if (part === "offset") {
    const offset = Math.min(bounds[1], Math.max(offset_ms + by_ms, onset_ms + SHORTEST_MS));
    return { ...interval, offset_ms: Math.round(offset) };
  }
  const by = Math.round(Math.max(bounds[0] - onset_ms, Math.min(by_ms, bounds[1] - offset_ms)));
  return { ...interval, onset_ms: onset_ms + by, offset_ms: offset_ms + by };
}

/**
 * Put a lead into an interval, or take it out; the last lead stays.
 *
 * @param {Interval} interval @param {string} lead @param {readonly string[]} order
 * @returns {Interval}
 */
export function withLead(interval, lead, order) {
  const has = interval.leads.includes(lead);
  if (has && interval.leads.length === 1) return interval;
  const leads = order.filter((name) => (name === lead ? !has : interval.leads.includes(name)));
  return { ...interval, leads };
}

/**
 * Find the interval under a point of a strip, the last drawn first, and which part of it.
 *
 * @param {readonly Interval[]} list
 * @param {import("./geometry.js").Sheet} sheet
 * @param {import("./geometry.js").Strip} strip
 * @param {{x: number, reach: number, peaks_ms: number[]}} at place in mm, and how near an edge must be
 * @returns {{index: number, part: Part}|null}
 */
export function intervalAt(list, sheet, strip, at) {
  for (let index = list.length - 1; index >= 0; index--) {
    if (!list[index].leads.includes(strip.lead)) continue;
    for (const [onset, offset] of stretchesOn(list[index], strip, at.peaks_ms)) {
      const [left, right] = [xOf(sheet, strip, onset), xOf(sheet, strip, offset)];
      const reach = Math.min(at.reach, (right - left) / 3);
      if (at.x < left - reach || at.x > right + reach) continue;
      if (Math.abs(at.x - left) <= reach) return { index, part: "onset" };
      if (Math.abs(at.x - right) <= reach) return { index, part: "offset" };
      return { index, part: "body" };
    }
  }
  return null;
}
