/**
 * The map's arithmetic, pure: evidence at vertex v and time t is `sum_k basis[v,k] * c_k(t)`, where
 * c is the positive part, the negative part or their sum. The shader computes the same on the mesh;
 * what needs numbers on the page (pick, regions, Dice, automatic range) comes from here.
 */

import { LEADS } from "./leads/layouts.js";
import { LESS, RIVAL, shareFactor } from "./shares.js";

export { heartViews, inShares, LESS, modelAndRival, RIVAL } from "./shares.js";

/** @typedef {import("./payload.js").Payload} Payload */

/** Maps that are not one sum over columns. */
export const DISAGREEMENT = "disagreement";
export const SPREAD = "spread";
const MM2_PER_CM2 = 100;
/** What a moment's evidence is counted over, so that it does not depend on the sampling rate. */
export const MOMENT_MS = 10;

/** Number of columns of the basis. @param {Payload} payload */
export const rank = (payload) => payload.shapes.basis[1];

/** Number of samples of the beat. @param {Payload} payload */
export const samples = (payload) => payload.shapes.positive[1];

/** Sample of the beat, not rounded, at a time relative to the R peak, kept within the beat. */
export function sampleAt(payload, tMs) {
  const { dt_ms: step, r_index: r } = payload.meta.beat;
  return Math.min(Math.max(tMs / step + r, 0), samples(payload) - 1);
}

/** Time relative to the R peak of a sample of the beat, ms. */
export const timeOf = (payload, sample) => (sample - payload.meta.beat.r_index) * payload.meta.beat.dt_ms;

/** The whole beat, ms. */
export const beatSpan = (payload) => [timeOf(payload, 0), timeOf(payload, samples(payload) - 1)];

/**
 * How much each modality counts in a map; they sum to one, unless maps are brought to one size.
 * @param {Payload} payload
 * @param {string} map "average", "disagreement", "spread", the name of a modality, or "less_rival".
 * @param {boolean} [share] Bring the map to one size: percent of its own evidence, signs not counted.
 * @returns {Float32Array} One weight per modality.
 */
export function modalityWeights(payload, map, share = false) {
  const { modalities } = payload.meta;
  const factor = share ? shareFactor(payload, map === RIVAL ? "rival" : "model") : 1;
  const one = modalities.findIndex((modality) => modality.name === map);
  if (one >= 0) return Float32Array.from(modalities, (_, i) => (i === one ? factor : 0));
  const total = modalities.reduce((sum, modality) => sum + modality.weight, 0);
  if (map !== LESS) return Float32Array.from(modalities, (modality) => (factor * modality.weight) / total);
  const [model, rival] = ["model", "rival"].map((which) => shareFactor(payload, which));
  return Float32Array.from(modalities, ({ name, weight }) => (name === RIVAL ? -rival : (model * weight) / total));
}

/**
 * Which columns a view counts, and how much: those of its map, or those of one lead alone where a lead is
 * picked and the payload tells columns of leads apart.
 * @param {Payload} payload
 * @param {{map: string, lead_pick?: {lead: string} | null}} view
 * @returns {{weights: Float32Array, counts: (k: number) => boolean}} Weight of each modality; which columns count.
 */
export function mixture(payload, view) {
  const { modalities } = payload.meta;
  const own = view.lead_pick ? modalities.find((modality) => modality.leads) : null;
  if (!own) return { weights: modalityWeights(payload, view.map, view.share), counts: () => true };
  const row = LEADS.indexOf(view.lead_pick.lead);
  return { weights: modalityWeights(payload, own.name, view.share), counts: (k) => own.leads[k - own.first] === row };
}

/** Reads c at one column and sample for a sign. */
function reader(payload, sign) {
  const { positive, negative } = payload.arrays;
  if (sign === "for") return (i) => positive[i];
  if (sign === "against") return (i) => negative[i];
  return (i) => positive[i] + negative[i];
}

/** First and one past the last sample of an interval, ms; the whole beat if there is none. */
export function interval(payload, intervalMs) {
  if (!intervalMs) return [0, samples(payload)];
  const { dt_ms: step, r_index: r } = payload.meta.beat;
  const index = (t) => Math.min(Math.max(Math.ceil(t / step + r - 1e-6), 0), samples(payload));
  const [first, last] = [index(Math.min(...intervalMs)), index(Math.max(...intervalMs))];
  return [first, Math.max(last, first)];
}

/**
 * The cluster that a view is kept to, as its place among the payload's clusters; -1 for none. A moment
 * belongs to one cluster anyway, so that only sums are kept to one.
 * @param {Payload} payload
 * @param {{mode: string, map?: string, cluster?: number | null}} view `cluster` is a number of the model's own count.
 */
export function clusterOf(payload, view) {
  if (view.mode === "instant" || view.map === SPREAD) return -1;
  return payload.meta.clusters?.clusters.findIndex(({ number }) => number === view.cluster) ?? -1;
}

/**
 * Coefficients of all columns, no modality preferred: at the view's moment, linear between samples, or
 * summed over its interval, or over those samples of it that belong to its cluster.
 * @param {Payload} payload
 * @param {{mode: string, sign: string, t_ms: number, interval_ms: number[] | null, cluster?: number | null}} view
 * @param {Float32Array} [out] Written to if given, so that no frame makes garbage.
 * @returns {Float32Array} (K,)
 */
export function columnCoefficients(payload, view, out = new Float32Array(rank(payload))) {
  const [n, read] = [samples(payload), reader(payload, view.sign)];
  if (view.mode === "instant") {
    const at = sampleAt(payload, view.t_ms);
    const before = Math.min(Math.floor(at), Math.max(n - 2, 0));
    const after = Math.min(before + 1, n - 1);
    const share = at - before;
    for (let k = 0; k < out.length; k++) {
      out[k] = (1 - share) * read(k * n + before) + share * read(k * n + after);
    }
    return out;
  }
  const [first, last] = interval(payload, view.interval_ms);
  const cluster = clusterOf(payload, view);
  const counts = (i) => cluster < 0 || payload.meta.clusters.beat[i] === cluster;
  for (let k = 0; k < out.length; k++) {
    let sum = 0;
    for (let i = first; i < last; i++) if (counts(i)) sum += read(k * n + i);
    out[k] = sum;
  }
  return out;
}

/**
 * Coefficients with the map's weights: `valuesAt` of them is the map.
 * @param {Payload} payload
 * @param {Object<string, any>} view
 * @returns {Float32Array} (K,)
 */
export function coefficients(payload, view) {
  const scaled = columnCoefficients(payload, view);
  const { weights, counts } = mixture(payload, view);
  payload.meta.modalities.forEach(({ first, count }, m) => {
    for (let k = first; k < first + count; k++) scaled[k] *= counts(k) ? weights[m] : 0;
  });
  return scaled;
}

/**
 * @param {Payload} payload
 * @param {Float32Array} coefs (K,)
 * @param {number} [first] Columns outside first..last are left out.
 * @param {number} [last]
 * @returns {Float32Array} Evidence per vertex, logit, (v,)
 */
export function valuesAt(payload, coefs, first = 0, last = coefs.length) {
  const { basis } = payload.arrays;
  const values = new Float32Array(payload.shapes.basis[0]);
  for (let v = 0, row = 0; v < values.length; v++, row += coefs.length) {
    let sum = 0;
    for (let k = first; k < last; k++) sum += basis[row + k] * coefs[k];
    values[v] = sum;
  }
  return values;
}

/**
 * The map of a view on all vertices, whichever map it is.
 * @param {Payload} payload
 * @param {Object<string, any>} view
 * @returns {Float32Array} Logit per vertex, (v,)
 */
export function mapValues(payload, view) {
  if (view.map === SPREAD && payload.arrays.spread) return payload.arrays.spread;
  if (view.map === DISAGREEMENT && !view.lead_pick) return disagreement(payload, view);
  return valuesAt(payload, coefficients(payload, view));
}

/** Standard deviation over the modalities that are averaged, each as its weight counts. */
function disagreement(payload, view) {
  const coefs = columnCoefficients(payload, view);
  const weights = modalityWeights(payload, DISAGREEMENT);
  const n = payload.shapes.basis[0];
  const [mean, square] = [new Float32Array(n), new Float32Array(n)];
  payload.meta.modalities.forEach(({ first, count }, m) => {
    if (!weights[m]) return;
    const own = valuesAt(payload, coefs, first, first + count);
    for (let v = 0; v < n; v++) {
      mean[v] += weights[m] * own[v];
      square[v] += weights[m] * own[v] * own[v];
    }
  });
  return mean.map((value, v) => Math.sqrt(Math.max(square[v] - value * value, 0)));
}

/** Factor from logit per vertex and sample to what is drawn: per 10 ms at a moment, whole in an interval. */
export const perMoment = (payload, view) =>
  view.mode === "instant" && view.map !== SPREAD ? MOMENT_MS / payload.meta.beat.dt_ms : 1;

/**
 * What the colours show: evidence over the area that belongs to a vertex.
 * @param {Payload} payload
 * @param {Float32Array} values Logit per vertex, (v,)
 * @returns {Float32Array} Logit per cm², (v,)
 */
export function density(payload, values) {
  const { areas } = payload.arrays;
  return values.map((value, v) => (areas[v] > 0 ? (value * MM2_PER_CM2) / areas[v] : 0));
}

/**
 * Evidence of one vertex over the beat.
 * @param {Payload} payload
 * @param {Object<string, any>} view Its map and sign are used.
 * @param {number} vertex
 * @returns {Float32Array} Logit per sample, (n,)
 */
export function vertexSeries(payload, view, vertex) {
  const row = payload.arrays.basis.subarray(vertex * rank(payload), (vertex + 1) * rank(payload));
  return series(payload, view, row);
}

/** Sum over columns of a row of the basis times the map's course. */
function series(payload, view, row) {
  const [n, read] = [samples(payload), reader(payload, view.sign)];
  const { weights, counts } = mixture(payload, view);
  const course = new Float32Array(n);
  payload.meta.modalities.forEach(({ first, count }, m) => {
    for (let k = first; weights[m] && k < first + count; k++) {
      if (!counts(k)) continue;
      const factor = row[k] * weights[m];
      for (let i = 0; i < n; i++) course[i] += factor * read(k * n + i);
    }
  });
  return course;
}

/**
 * @param {ArrayLike<number>} values Per vertex.
 * @param {ArrayLike<number>} region Code of each vertex.
 * @param {number} count How many codes there are.
 * @returns {Float64Array} (count,)
 */
export function regionSums(values, region, count) {
  const sums = new Float64Array(count);
  for (let v = 0; v < values.length; v++) sums[region[v]] += values[v];
  return sums;
}

const rowSums = new WeakMap();

/** Rows of the basis summed by region, (regions, K); computed once per payload. */
export function regionBasis(payload) {
  if (rowSums.has(payload)) return rowSums.get(payload);
  const [k, { basis, region }] = [rank(payload), payload.arrays];
  const rows = payload.meta.regions.map(() => new Float32Array(k));
  region.forEach((code, v) => {
    for (let j = 0; j < k; j++) rows[code][j] += basis[v * k + j];
  });
  rowSums.set(payload, rows);
  return rows;
}

/** Evidence of one region over the beat, logit per sample, (n,). */
export const regionSeries = (payload, view, code) => series(payload, view, regionBasis(payload)[code]);

/**
 * How a thresholded map meets a mask.
 * @param {ArrayLike<number>} values Per vertex; those at or above the threshold are found.
 * @param {ArrayLike<number>} mask Per vertex, 0 or not.
 * @param {ArrayLike<number>} areas Of each vertex; 0 where it does not count.
 * @param {number} threshold
 * @returns {{dice: number, precision: number, recall: number, fraction: number, all_positive: number}}
 *   By area; `fraction` is what is found of all, `all_positive` the Dice of finding everything. NaN where undefined.
 */
export function overlap(values, mask, areas, threshold) {
  let [both, found, truth, all] = [0, 0, 0, 0];
  for (let v = 0; v < values.length; v++) {
    const [area, isFound] = [areas[v], values[v] >= threshold];
    all += area;
    if (isFound) found += area;
    if (mask[v]) truth += area;
    if (isFound && mask[v]) both += area;
  }
  return {
    dice: (2 * both) / (found + truth),
    precision: both / found,
    recall: both / truth,
    fraction: found / all,
    all_positive: (2 * truth) / (truth + all),
  };
}

/** Value that a share of an array's entries does not exceed, linear between entries. */
export function quantile(values, share) {
  const sorted = Float32Array.from(values).sort();
  const at = share * (sorted.length - 1);
  const low = Math.floor(at);
  return sorted[low] + (at - low) * (sorted[Math.min(low + 1, sorted.length - 1)] - sorted[low]);
}
