/**
 * Evidence by region for what the view shows: sums, shares and densities.
 *
 * Density is evidence over area, in units of an even spread: 1 is what every region had if the
 * same evidence lay evenly over the heart.  At a moment the unit is that of an average moment, so
 * that quiet moments stay pale.
 */

import {
  DISAGREEMENT,
  LESS,
  SPREAD,
  coefficients,
  mapValues,
  perMoment,
  regionBasis,
  regionSeries,
  regionSums,
  samples,
} from "../map.js";

/** Whether a view shows an amount of its own, not a sum of evidence. @param {any} view */
export const isAmount = (view) => view.map === SPREAD || (view.map === DISAGREEMENT && !view.lead_pick);

/** Whether a view shows the model's map less the rival's. @param {any} view */
export const isDifference = (view) => view.map === LESS && !view.lead_pick;

/** @param {any} payload @returns {Float64Array} mm2 per region */
export function regionAreas(payload) {
  return remember(payload, "areas", () =>
    regionSums(payload.arrays.areas, payload.arrays.region, payload.meta.regions.length),
  );
}

/** @type {WeakMap<any, Map<string, any>>} */
const kept = new WeakMap();

/** @template T @param {any} payload @param {string} key @param {() => T} make @returns {T} */
function remember(payload, key, make) {
  const mine = kept.get(payload) ?? new Map();
  kept.set(payload, mine);
  if (!mine.has(key)) mine.set(key, make());
  return mine.get(key);
}

/**
 * Evidence of each region in what the view shows.
 *
 * @param {any} payload @param {any} view
 * @returns {Float64Array} logit (per sample at a moment)
 */
export function evidenceByRegion(payload, view) {
  const count = payload.meta.regions.length;
  if (isAmount(view)) return regionSums(mapValues(payload, view), payload.arrays.region, count);
  const coefs = coefficients(payload, view);
  return Float64Array.from(regionBasis(payload), (row) => {
    let sum = 0;
    for (let k = 0; k < coefs.length; k++) sum += row[k] * coefs[k];
    return sum;
  });
}

const total = (/** @type {ArrayLike<number>} */ values) =>
  Array.from(values).reduce((sum, value) => sum + Math.abs(value), 0);

/** Each entry's part of all; zeros where there is nothing. @param {ArrayLike<number>} values */
export function sharesOf(values) {
  const all = total(values);
  return Float64Array.from(values, (value) => (all > 0 ? Math.abs(value) / all : 0));
}

/**
 * How dense the evidence is in each region, signed as the evidence is.
 *
 * @param {ArrayLike<number>} evidence per region
 * @param {ArrayLike<number>} areas per region
 * @param {number} [even] evidence of the whole heart that counts as 1 when spread evenly; its own by default
 */
export function densities(evidence, areas, even = total(evidence)) {
  const unit = even / total(areas);
  return Float64Array.from(evidence, (value, r) => (areas[r] > 0 && unit > 0 ? value / areas[r] / unit : 0));
}

/** Whole evidence of an average moment and the largest density of any, for a scale that stays while time runs. @param {any} payload @param {any} view */
function overTime(payload, view) {
  return remember(payload, `time ${view.map} ${view.sign} ${view.lead_pick?.lead}`, () => {
    const courses = payload.meta.regions.map((/** @type {string} */ _, /** @type {number} */ r) =>
      regionSeries(payload, view, r),
    );
    const n = samples(payload);
    const areas = regionAreas(payload);
    const even = courses.reduce((sum, course) => sum + total(course), 0) / n;
    let top = 0;
    for (let i = 0; i < n; i++) {
      const found = densities(
        courses.map((/** @type {Float32Array} */ course) => course[i]),
        areas,
        even,
      );
      top = Math.max(top, ...found.map(Math.abs));
    }
    return { even, top };
  });
}

/**
 * What the bull's-eye shows: density by region, and the density of the full colour.
 *
 * @param {any} payload @param {any} view
 * @returns {{density: Float64Array, top: number, signed: boolean}}
 */
export function bullseyeOf(payload, view) {
  const evidence = evidenceByRegion(payload, view);
  const areas = regionAreas(payload);
  const signed = isDifference(view) || (view.sign === "signed" && !isAmount(view));
  if (view.mode === "instant" && !isAmount(view)) {
    const { even, top } = overTime(payload, view);
    const density = densities(evidence, areas, even);
    return { density: signed ? density : density.map(Math.abs), top: top || 1, signed };
  }
  const density = densities(evidence, areas);
  return {
    density: signed ? density : density.map(Math.abs),
    top: Math.max(...density.map(Math.abs)) || 1,
    signed,
  };
}

/**
 * @typedef {object} Row One region of the table.
 * @property {number} code
 * @property {string} region
 * @property {number} share of the evidence for the label (or of the amount)
 * @property {number} positive logit, per 10 ms at a moment
 * @property {number} negative logit, per 10 ms at a moment
 * @property {number} density of the evidence for the label, 1 = even spread
 */

/** Evidence for and against by region; of a difference, where the model and where the rival has more. @param {any} payload @param {any} view */
function sides(payload, view) {
  const whole = isAmount(view) || isDifference(view);
  if (!whole) return ["for", "against"].map((sign) => evidenceByRegion(payload, { ...view, sign }));
  const found = evidenceByRegion(payload, view);
  if (isAmount(view)) return [found, found.map(() => 0)];
  return [found.map((value) => Math.max(value, 0)), found.map((value) => Math.min(value, 0))];
}

/**
 * Rows of the region table; regions that the anatomy lacks are left out.
 *
 * @param {any} payload @param {any} view
 * @returns {Row[]}
 */
export function regionRows(payload, view) {
  const areas = regionAreas(payload);
  const factor = isAmount(view) ? 1 : perMoment(payload, view);
  const [positive, negative] = sides(payload, view);
  const ranked = isDifference(view) ? positive.map((value, r) => value - negative[r]) : positive;
  const shares = sharesOf(ranked);
  const density = densities(ranked, areas);
  return payload.meta.regions
    .map((/** @type {string} */ region, /** @type {number} */ code) => ({
      code,
      region,
      share: shares[code],
      positive: positive[code] * factor,
      negative: negative[code] * factor,
      density: density[code],
    }))
    .filter((/** @type {Row} */ row) => areas[row.code] > 0);
}

/**
 * Sort rows by one of their columns; names go up first, numbers go down first.
 *
 * @param {Row[]} rows @param {keyof Row} column @param {boolean} turned the other way round
 */
export function sorted(rows, column, turned) {
  const order = (/** @type {Row} */ a, /** @type {Row} */ b) =>
    column === "region"
      ? a.code - b.code
      : Math.abs(Number(b[column])) - Math.abs(Number(a[column])) || a.code - b.code;
  const made = [...rows].sort(order);
  return turned ? made.reverse() : made;
}

/**
 * Write rows as CSV, with what they are of in the columns, so that a file stands by itself.
 *
 * @param {Row[]} rows @param {Record<string, string|number>} about
 */
export function csvOf(rows, about) {
  const cell = (/** @type {string|number} */ value) => {
    const words = typeof value === "number" ? String(Number(value.toPrecision(6))) : value;
    return /[",\n\r]/.test(words) ? `"${words.replaceAll('"', '""')}"` : words;
  };
  const head = ["region", "share_for", "for_logit", "against_logit", "density", ...Object.keys(about)];
  const lines = rows.map((row) => [
    row.region,
    row.share,
    row.positive,
    row.negative,
    row.density,
    ...Object.values(about),
  ]);
  return [head, ...lines].map((line) => line.map(cell).join(",")).join("\r\n") + "\r\n";
}
