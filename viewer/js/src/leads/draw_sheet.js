/** Everything on the sheet that does not move while time runs. */

import { colourTable, SIGNED_TABLES } from "../colormaps.js";
import { drawBrackets } from "./brackets.js";
import { LEADS } from "./layouts.js";
import { drawCalibration, drawEvidence, drawMarks, drawName, drawPaper, drawPart, drawTrace } from "./paint.js";
import { binned, colourLimit, ofSign } from "./shading.js";

/**
 * Draw everything that does not move.
 *
 * @param {CanvasRenderingContext2D} ink
 * @param {{sheet: any, content: any, payload: any, view: any, palette: any, k: number}} what
 * @returns {any} what the colour key must say, null without evidence
 */
export function drawSheet(ink, { sheet, content, payload, view, palette, k }) {
  drawPaper(ink, sheet, palette, k);
  ink.setTransform(k, 0, 0, k, 0, 0);
  const key = view.blind || view.evidence === "none" ? null : drawAllEvidence(ink, { sheet, content, view, palette });
  const first_row = sheet.strips[0].top;
  for (const strip of sheet.strips) {
    const source = content[strip.on];
    const shown = view.marks === false ? [] : marksOn(content, strip, view.beat ?? 0);
    drawMarks(ink, sheet, strip, shown, strip.top === first_row, palette);
    if (!view.blind)
      drawBrackets(ink, sheet, strip, { brackets: content.brackets, peaks_ms: content.clocks.peaks_ms }, palette);
    drawTrace(ink, sheet, strip, source.signal[LEADS.indexOf(strip.lead)], source, palette);
    if (strip.column <= 0) drawCalibration(ink, sheet, strip, palette);
    else if (strip.on === "recording") drawPart(ink, sheet, strip, palette);
  }
  for (const strip of sheet.strips) drawName(ink, sheet, strip, palette);
  return key && { ...key, label: payload.meta.label };
}

/** Markers on a strip: of the median beat, or of the chosen beat of a recording. @param {any} content @param {any} strip @param {number} beat */
function marksOn(content, strip, beat) {
  if (strip.on === "beat") return content.marks;
  const r = content.clocks.peaks_ms[Math.min(beat, content.clocks.peaks_ms.length - 1)] ?? 0;
  return content.marks.map((/** @type {any} */ mark) => ({ ...mark, t_ms: mark.t_ms + r }));
}

/** @param {CanvasRenderingContext2D} ink @param {{sheet: any, content: any, view: any, palette: any}} what */
function drawAllEvidence(ink, { sheet, content, view, palette }) {
  const table = colourTable(SIGNED_TABLES.includes(view.colormap) ? view.colormap : "PuOr");
  const sums = new Map();
  const bins_of = (/** @type {"beat"|"recording"} */ on) => {
    const { evidence, fs } = content[on];
    if (!sums.has(on))
      sums.set(
        on,
        evidence ? evidence.map((/** @type {Float32Array} */ row) => binned(ofSign(row, view.sign), fs)) : null,
      );
    return sums.get(on);
  };
  const main = bins_of(sheet.strips[0].on);
  if (!main) return null;
  const limit = colourLimit(main);
  const kinds = view.evidence === "both" ? [false, true] : [view.evidence === "bars"];
  for (const strip of sheet.strips) {
    const rows = bins_of(strip.on);
    if (!rows) continue;
    const own = strip.on === sheet.strips[0].on ? limit : colourLimit(rows);
    for (const bars of kinds) {
      const how = { origin_ms: content[strip.on].origin_ms, limit: own, table, dark: palette.dark, bars };
      drawEvidence(ink, sheet, strip, rows[LEADS.indexOf(strip.lead)], how);
    }
  }
  const sum = main.reduce(
    (/** @type {number} */ all, /** @type {Float64Array} */ row) => all + row.reduce((a, b) => a + b, 0),
    0,
  );
  return { limit, table, dark: palette.dark, sign: view.sign, sum };
}
