/** A map against an annotation: the threshold, the overlap, and what chance would give. */

import { density, mapValues, overlap, perMoment } from "../map.js";

/**
 * What the colours show, per vertex, and the areas that are scored.
 *
 * @param {any} payload @param {any} view
 * @returns {{values: Float32Array, areas: Float32Array}} logit per cm2 (per 10 ms at a moment); mm2, 0 outside the ventricles
 */
export function scoredMap(payload, view) {
  const factor = perMoment(payload, view);
  const values = density(payload, mapValues(payload, view)).map((value) => value * factor);
  const { areas, ventricles } = payload.arrays;
  return {
    values,
    areas: areas.map((/** @type {number} */ area, /** @type {number} */ v) => (ventricles[v] ? area : 0)),
  };
}

/** Share of the scored area that a mask covers. @param {ArrayLike<number>} mask @param {ArrayLike<number>} areas */
export function fractionOf(mask, areas) {
  let [inside, all] = [0, 0];
  for (let v = 0; v < areas.length; v++) {
    all += areas[v];
    if (mask[v]) inside += areas[v];
  }
  return all > 0 ? inside / all : 0;
}

/**
 * Threshold above which the densest part of a given size lies.
 *
 * Vertices enter in order of falling value until their area reaches the share; only positive
 * values enter, so where the map does not reach as far, the smallest positive value is given.
 *
 * @param {ArrayLike<number>} values @param {ArrayLike<number>} areas @param {number} share 0 to 1
 * @returns {number} Infinity where nothing can enter
 */
export function thresholdForSize(values, areas, share) {
  const order = Array.from(values, (_, v) => v).filter((v) => values[v] > 0 && areas[v] > 0);
  order.sort((a, b) => values[b] - values[a]);
  const whole = Array.from(areas).reduce((sum, area) => sum + area, 0);
  let covered = 0;
  let threshold = Infinity;
  for (const v of order) {
    if (covered >= share * whole) break;
    covered += areas[v];
    threshold = values[v];
  }
  return threshold;
}

/**
 * Dice that a random region of the found size would have on average, about.
 *
 * @param {number} found share of the area found @param {number} truth share of the area annotated
 */
export const randomDice = (found, truth) => (found + truth > 0 ? (2 * found * truth) / (found + truth) : 1);

/**
 * @typedef {object} Agreement
 * @property {number} dice
 * @property {number} precision
 * @property {number} recall
 * @property {number} found share of the area found
 * @property {number} truth share of the area annotated
 * @property {number} all_positive Dice of finding everything, 2p/(1+p)
 * @property {number} random Dice to expect of a random region of the found size
 */

/**
 * Compare a map at a threshold with an annotated mask; empty masks as in the scores of the reports.
 *
 * @param {ArrayLike<number>} values @param {ArrayLike<number>} mask @param {ArrayLike<number>} areas @param {number} threshold
 * @returns {Agreement}
 */
export function agreement(values, mask, areas, threshold) {
  const raw = overlap(values, mask, areas, threshold);
  const truth = fractionOf(mask, areas);
  const found = raw.fraction || 0;
  const both_empty = found === 0 && truth === 0;
  const clean = (/** @type {number} */ value) => (both_empty ? 1 : Number.isFinite(value) ? value : 0);
  return {
    dice: clean(raw.dice),
    precision: clean(raw.precision),
    recall: clean(raw.recall),
    found,
    truth,
    all_positive: clean(raw.all_positive),
    random: randomDice(found, truth),
  };
}
