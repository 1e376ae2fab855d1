/**
 * Where time and voltage lie on the sheet: planned once per size, layout and source.
 *
 * All lengths are millimetres of paper; `scale` says how many CSS pixels a millimetre takes.
 */

import { layoutNamed, places } from "./layouts.js";

/**
 * @typedef {object} Strip A stretch of one lead on paper.
 * @property {string} lead
 * @property {number} column strips of a column share the time axis; -1 is the rhythm strip
 * @property {number} x where `start_ms` stands
 * @property {number} y where 0 mV stands
 * @property {number} top
 * @property {number} height
 * @property {number} width
 * @property {number} start_ms
 * @property {number} end_ms
 * @property {"beat"|"recording"} on what its times count from: the R peak, or the start of the recording
 */

/**
 * @typedef {object} Sheet
 * @property {number} width
 * @property {number} height
 * @property {number} scale CSS pixels per millimetre
 * @property {number} mm_per_s
 * @property {number} mm_per_mV
 * @property {Strip[]} strips
 */

/**
 * @typedef {object} Ask
 * @property {string} layout
 * @property {"beat"|"recording"} source
 * @property {{mm_per_s: number, mm_per_mV: number}} paper
 * @property {[number, number]} beat_ms first and last time of the beat, relative to R
 * @property {number|null} recording_ms length of the recording, null where there is none
 * @property {[number, number]} [page_ms] part of the recording that is shown; its beginning where not given
 * @property {number} [foot_mm] left free below the leads
 * @property {number} width CSS pixels at hand
 * @property {number} height CSS pixels at hand
 */

const PULSE_MM = 9;
const GAP_MM = 4;
const HEAD_MM = 5;
const SMALLEST = 1.8;
/** A page of a recording is rather seen whole than at once in all detail. */
const SMALLEST_PAGE = 1.4;
const LARGEST = 6.5;
const BIG_SQUARE = 5;
const LONGEST_MS = 10000;
/** A strip needs this much above and below for the name and a usual QRS, mm per mV at 10 mm/mV. */
const LEAST_ROW_MM = 13;

/**
 * Plan the sheet for the room at hand.
 *
 * The scale is the largest at which all rows and columns fit; where even the smallest does not
 * fit, the sheet is larger than the room and the element scrolls.
 *
 * @param {Ask} ask
 * @returns {Sheet}
 */
export function planSheet(ask) {
  const layout = layoutNamed(ask.layout);
  const long = ask.source === "recording" && ask.recording_ms !== null;
  const rhythm = ask.recording_ms !== null ? layout.rhythm.length : 0;
  const rows = layout.rows + rhythm;
  const needed = columnNeed(ask, layout.columns, long);
  const across = PULSE_MM + layout.columns * needed + GAP_MM;
  const ends = HEAD_MM + (ask.foot_mm ?? 0);
  const down = ends + rows * rowNeed(layout.row_mm, ask.paper.mm_per_mV);
  const scale = sharp(Math.min(ask.width / across, ask.height / down), long ? SMALLEST_PAGE : SMALLEST);
  const width = Math.max(across, ask.width / scale);
  const height = Math.max(ends + rows * LEAST_ROW_MM, ask.height / scale);
  const room = {
    left: PULSE_MM,
    pitch: (width - PULSE_MM - GAP_MM) / layout.columns,
    row: (height - ends) / rows,
  };
  // whole big squares keep every lead at the same place in its squares
  room.pitch = long ? needed : Math.max(needed, Math.floor(room.pitch / BIG_SQUARE) * BIG_SQUARE);
  const strips = places(layout)
    .filter((place) => place.column >= 0 || rhythm > 0)
    .map((place) => stripAt(place, room, { ask, long, columns: layout.columns, width }));
  return { width, height, scale, ...ask.paper, strips };
}

/** Part of the recording that is shown, ms. @param {Ask} ask */
const pageOf = (ask) => ask.page_ms ?? [0, Math.min(ask.recording_ms ?? 0, LONGEST_MS)];

/** @param {Ask} ask @param {number} columns @param {boolean} long */
function columnNeed(ask, columns, long) {
  const [from, to] = pageOf(ask);
  if (long) return ((to - from) / columns / 1000) * ask.paper.mm_per_s;
  return ((ask.beat_ms[1] - ask.beat_ms[0]) / 1000) * ask.paper.mm_per_s + GAP_MM;
}

/** @param {number} row_mm @param {number} mm_per_mV */
function rowNeed(row_mm, mm_per_mV) {
  return Math.max(LEAST_ROW_MM, row_mm * (0.5 + mm_per_mV / 20));
}

/** A big square takes a whole number of pixels, so that all lines are equally sharp. @param {number} scale @param {number} smallest */
function sharp(scale, smallest) {
  const bounded = Math.min(LARGEST, Math.max(smallest, scale));
  return Math.floor(bounded * BIG_SQUARE) / BIG_SQUARE;
}

/**
 * @param {import("./layouts.js").Place} place
 * @param {{left: number, pitch: number, row: number}} room
 * @param {{ask: Ask, long: boolean, columns: number, width: number}} what
 * @returns {Strip}
 */
function stripAt(place, room, what) {
  const { ask, long, columns, width } = what;
  const top = HEAD_MM + place.row * room.row;
  const box = { top, height: room.row, y: Math.round(top + 0.56 * room.row) };
  const [from, to] = pageOf(ask);
  if (place.column < 0) {
    const fits = ((width - room.left - GAP_MM) / ask.paper.mm_per_s) * 1000;
    const end = long ? to : Math.min(to, from + fits);
    const length = ((end - from) / 1000) * ask.paper.mm_per_s;
    return {
      lead: place.lead,
      column: -1,
      x: room.left,
      width: length,
      start_ms: from,
      end_ms: end,
      on: "recording",
      ...box,
    };
  }
  const x = room.left + place.column * room.pitch;
  const step = (to - from) / columns;
  const start = long ? from + place.column * step : ask.beat_ms[0];
  const end = long ? from + (place.column + 1) * step : ask.beat_ms[1];
  const length = ((end - start) / 1000) * ask.paper.mm_per_s;
  return {
    lead: place.lead,
    column: place.column,
    x,
    width: length,
    start_ms: start,
    end_ms: end,
    on: long ? "recording" : "beat",
    ...box,
  };
}

/** Place of a time on a strip, mm. @param {Sheet} sheet @param {Strip} strip @param {number} t_ms */
export function xOf(sheet, strip, t_ms) {
  return strip.x + ((t_ms - strip.start_ms) / 1000) * sheet.mm_per_s;
}

/** Time at a place on a strip, ms, kept within the strip. @param {Sheet} sheet @param {Strip} strip @param {number} x */
export function timeAt(sheet, strip, x) {
  const t = strip.start_ms + ((x - strip.x) / sheet.mm_per_s) * 1000;
  return Math.min(strip.end_ms, Math.max(strip.start_ms, t));
}

/** Voltage at a height on a strip, mV. @param {Sheet} sheet @param {Strip} strip @param {number} y */
export function voltageAt(sheet, strip, y) {
  return (strip.y - y) / sheet.mm_per_mV;
}

/**
 * Find the strip under a point: the one whose row holds it and whose time is nearest.
 *
 * @param {Sheet} sheet
 * @param {number} x mm
 * @param {number} y mm
 * @returns {Strip|null}
 */
export function stripAtPoint(sheet, x, y) {
  const rows = sheet.strips.filter((strip) => y >= strip.top && y < strip.top + strip.height);
  const gap = (/** @type {Strip} */ s) => Math.max(s.x - x, x - s.x - s.width, 0);
  return rows.reduce((best, s) => (best === null || gap(s) < gap(best) ? s : best), /** @type {Strip|null} */ (null));
}

/**
 * Leads of one column between two heights, for a band dragged across several leads.
 *
 * @param {Sheet} sheet
 * @param {Strip} from
 * @param {number} y mm, where the pointer is now
 * @returns {string[]}
 */
export function leadsBetween(sheet, from, y) {
  const low = Math.min(from.y, y);
  const high = Math.max(from.y, y);
  const hit = sheet.strips.filter(
    (s) => s.column === from.column && (s === from || (s.top < high && s.top + s.height > low)),
  );
  return hit.map((s) => s.lead);
}
