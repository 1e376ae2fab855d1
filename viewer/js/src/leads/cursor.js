/** The time cursor: elements that CSS moves, so that playing never redraws a canvas. */

import { h } from "../panels/dom.js";
import { xOf } from "./geometry.js";

/** @typedef {import("./geometry.js").Sheet} Sheet */
/** @typedef {import("./geometry.js").Strip} Strip */
/** @typedef {import("./clocks.js").Clocks} Clocks */

/**
 * @typedef {object} Track A cursor line: a column of strips at one beat.
 * @property {Strip} strip
 * @property {number} shift_ms time of the beat's R peak on the strip's axis
 * @property {number} beat index of the beat, -1 on the median beat
 * @property {number} top mm
 * @property {number} height mm
 */

/**
 * List the cursor lines of a sheet: one per column on the beat, one per column and beat on a recording.
 *
 * @param {Sheet} sheet @param {Clocks} clocks
 * @returns {Track[]}
 */
export function tracksOf(sheet, clocks) {
  /** @type {Map<number, Strip[]>} */
  const columns = new Map();
  for (const strip of sheet.strips) columns.set(strip.column, [...(columns.get(strip.column) ?? []), strip]);
  return [...columns.values()].flatMap((strips) => {
    const [strip] = strips;
    const last = strips[strips.length - 1];
    const box = { strip, top: strip.top, height: last.top + last.height - strip.top };
    if (strip.on === "beat") return [{ ...box, shift_ms: 0, beat: -1 }];
    const span = clocks.beat_ms;
    return clocks.peaks_ms
      .map((shift_ms, beat) => ({ ...box, shift_ms, beat }))
      .filter(({ shift_ms }) => shift_ms + span[1] > strip.start_ms && shift_ms + span[0] < strip.end_ms);
  });
}

/** Value of a row between its samples. @param {Float32Array} row @param {number} at sample, not rounded */
function valueAt(row, at) {
  const kept = Math.min(row.length - 1, Math.max(0, at));
  const low = Math.floor(kept);
  return row[low] + (kept - low) * ((row[low + 1] ?? row[low]) - row[low]);
}

/** @param {HTMLElement} element @param {number} x px @param {number} y px */
function place(element, x, y) {
  element.style.transform = `translate3d(${x}px,${y}px,0)`;
}

/** Where a line that is out of its strip waits. */
const AWAY_PX = -99;

/**
 * @param {HTMLElement} element layer over the canvas
 * @returns {{lay: (sheet: Sheet, clocks: Clocks, rows: Float32Array[]) => void, move: (t_ms: number, beat: number) => void}}
 */
export function createCursor(element) {
  /** @type {{track: Track, line: HTMLElement}[]} */
  let lines = [];
  /** @type {{strip: Strip, row: Float32Array, dot: HTMLElement}[]} */
  let dots = [];
  /** @type {Sheet} */
  let sheet;
  /** @type {Clocks} */
  let clocks;
  let shown = -1;

  const lay = (/** @type {Sheet} */ planned, /** @type {Clocks} */ times, /** @type {Float32Array[]} */ rows) => {
    [sheet, clocks, shown] = [planned, times, -1];
    lines = tracksOf(sheet, clocks).map((track) => ({ track, line: lineOf(track, sheet.scale) }));
    dots = sheet.strips
      .map((strip, i) => ({ strip, row: rows[i], dot: h("div", { class: "ecg-dot" }) }))
      .filter(({ strip }) => strip.on === "beat");
    element.replaceChildren(...lines.map(({ line }) => line), ...dots.map(({ dot }) => dot));
  };

  const move = (/** @type {number} */ t_ms, /** @type {number} */ beat) => {
    for (const { track, line } of lines) {
      const { strip } = track;
      const t = t_ms + track.shift_ms;
      place(line, t >= strip.start_ms && t <= strip.end_ms ? xOf(sheet, strip, t) * sheet.scale : AWAY_PX, 0);
      if (beat !== shown) line.classList.toggle("ecg-cursor-other", track.beat >= 0 && track.beat !== beat);
    }
    shown = beat;
    const at = ((t_ms - clocks.beat_ms[0]) / 1000) * clocks.fs;
    for (const { strip, row, dot } of dots) {
      const y = strip.y - valueAt(row, at) * sheet.mm_per_mV;
      place(dot, xOf(sheet, strip, t_ms) * sheet.scale, y * sheet.scale);
    }
  };
  return { lay, move };
}

/** @param {Track} track @param {number} k CSS pixels per mm @returns {HTMLElement} */
const lineOf = (track, k) =>
  h("div", { class: "ecg-cursor", style: `top:${track.top * k}px;height:${track.height * k}px` });
