/** Where each lead stands on paper: layouts as data. */

/** Row order of every (12, n) array of the payload. */
export const LEADS = Object.freeze(["I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6"]);

/**
 * @typedef {object} Layout
 * @property {number} rows rows of leads, rhythm strips not counted
 * @property {number} columns
 * @property {string[]} rhythm leads repeated in full length below
 * @property {number} row_mm height of a row on paper
 */

/** @type {Readonly<Record<string, Layout>>} */
export const LAYOUTS = Object.freeze({
  "3x4": { rows: 3, columns: 4, rhythm: ["II"], row_mm: 30 },
  "6x2": { rows: 6, columns: 2, rhythm: [], row_mm: 21 },
  "12x1": { rows: 12, columns: 1, rhythm: [], row_mm: 15 },
});

/** @param {string} name */
export function layoutNamed(name) {
  return LAYOUTS[name] ?? LAYOUTS["3x4"];
}

/**
 * @typedef {object} Place
 * @property {string} lead
 * @property {number} row
 * @property {number} column -1 for a rhythm strip, which takes the whole width
 */

/**
 * Give every strip of a layout its place, each lead once and then the rhythm strips.
 *
 * @param {Layout} layout
 * @returns {Place[]}
 */
export function places(layout) {
  const grid = LEADS.map((lead, i) => ({ lead, row: i % layout.rows, column: Math.floor(i / layout.rows) }));
  const below = layout.rhythm.map((lead, i) => ({ lead, row: layout.rows + i, column: -1 }));
  return [...grid, ...below];
}
