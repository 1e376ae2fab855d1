/** Intervals that raters marked, as brackets under the trace; the line style tells where they come from. */

import { xOf } from "./geometry.js";
import { drawWord } from "./paint.js";

/** @typedef {import("./geometry.js").Sheet} Sheet */
/** @typedef {import("./geometry.js").Strip} Strip */

/**
 * @typedef {object} Bracket
 * @property {string[]} leads
 * @property {number} onset_ms
 * @property {number} offset_ms
 * @property {"beat"|"recording"} on
 * @property {string} rater
 * @property {string} label
 * @property {"expert"|"derived"|"simulated"} provenance
 */

/** Dashes in CSS pixels and Okabe-Ito colours (light, dark paper), so that colour is never alone. */
export const STYLES = Object.freeze({
  expert: { dash: [], light: "#0072b2", dark: "#56b4e9", words: "expert, solid line" },
  derived: { dash: [7, 4], light: "#00734f", dark: "#2fc79a", words: "derived by a rule, dashed line" },
  simulated: { dash: [2, 3], light: "#a0467a", dark: "#dd93bd", words: "simulated, dotted line" },
});

/**
 * Give the brackets of a payload in one list.
 *
 * @param {any[]} annotations meta.annotations
 * @returns {Bracket[]}
 */
export function bracketsOf(annotations) {
  return annotations.flatMap((one) =>
    (one.intervals ?? []).map((/** @type {any} */ interval) => ({
      leads: interval.leads,
      onset_ms: interval.onset_ms,
      offset_ms: interval.offset_ms,
      on: interval.on ?? "beat",
      rater: one.rater,
      label: one.label,
      provenance: one.provenance,
    })),
  );
}

/**
 * Stretches of time at which an interval lies on a strip: once on the beat, at every beat of a recording.
 *
 * @param {{onset_ms: number, offset_ms: number, on?: "beat"|"recording"}} interval
 * @param {Strip} strip
 * @param {number[]} peaks_ms R peaks of the recording
 * @returns {[number, number][]} ms on the strip's own axis, cut to it
 */
export function stretchesOn(interval, strip, peaks_ms) {
  const on = interval.on ?? "beat";
  if (on === "recording" && strip.on === "beat") return [];
  const shifts = on === strip.on ? [0] : peaks_ms;
  return shifts
    .map(
      (r) =>
        /** @type {[number, number]} */ ([
          Math.max(strip.start_ms, interval.onset_ms + r),
          Math.min(strip.end_ms, interval.offset_ms + r),
        ]),
    )
    .filter(([onset, offset]) => offset > onset);
}

/**
 * Give every bracket a level, so that none lies on another of the same lead.
 *
 * @param {Bracket[]} brackets
 * @param {string} lead
 * @returns {{bracket: Bracket, level: number}[]}
 */
export function stacked(brackets, lead) {
  /** @type {number[]} */
  const ends = [];
  return brackets
    .filter((b) => b.leads.includes(lead))
    .sort((a, b) => a.onset_ms - b.onset_ms)
    .map((bracket) => {
      const free = ends.findIndex((end) => end <= bracket.onset_ms);
      const level = free < 0 ? ends.length : free;
      ends[level] = bracket.offset_ms;
      return { bracket, level };
    });
}

/**
 * Draw the brackets of a strip.
 *
 * @param {CanvasRenderingContext2D} ink @param {Sheet} sheet @param {Strip} strip
 * @param {{brackets: Bracket[], peaks_ms: number[]}} what
 * @param {import("./paint.js").Palette} colours
 */
export function drawBrackets(ink, sheet, strip, what, colours) {
  for (const { bracket, level } of stacked(what.brackets, strip.lead)) {
    const style = STYLES[bracket.provenance] ?? STYLES.derived;
    const colour = colours.dark ? style.dark : style.light;
    const y = strip.top + strip.height - 1.2 - 3 * level;
    for (const [onset, offset] of stretchesOn(bracket, strip, what.peaks_ms)) {
      const [x, to] = [xOf(sheet, strip, onset), xOf(sheet, strip, offset)];
      ink.beginPath();
      ink.setLineDash(style.dash.map((px) => px / sheet.scale));
      ink.moveTo(x, y - 1.6);
      ink.lineTo(x, y);
      ink.lineTo(to, y);
      ink.lineTo(to, y - 1.6);
      ink.lineWidth = 2 / sheet.scale;
      ink.strokeStyle = colour;
      ink.stroke();
      ink.setLineDash([]);
      const room = (to - x) * sheet.scale;
      if (room > 6 * bracket.rater.length && strip.height * sheet.scale > 70) {
        drawWord(
          ink,
          bracket.rater,
          { x: (x + to) / 2, y: y - 1.5, px: 9.5, colour, align: "center" },
          colours,
          sheet.scale,
        );
      }
    }
  }
}
