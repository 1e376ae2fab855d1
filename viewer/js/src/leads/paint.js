/** Strokes on the sheet.  Every function draws on a context whose unit is one millimetre of paper. */

import { BIN_MS, shade } from "./shading.js";
import { xOf } from "./geometry.js";

/** @typedef {import("./geometry.js").Sheet} Sheet */
/** @typedef {import("./geometry.js").Strip} Strip */
/** @typedef {CanvasRenderingContext2D} Ink */

/**
 * @typedef {object} Palette Colours of paper and ink, from the theme.
 * @property {string} paper
 * @property {string} thin
 * @property {string} thick
 * @property {string} ink
 * @property {string} mark wave markers
 * @property {string} accent
 * @property {boolean} dark
 * @property {string} font
 */

const TRACE_PX = 1.25;
/** How far left of a trace the pulse begins, and least distance of a lead's name from the row's top. */
const PULSE_MM = 8;
const NAME_PX = 11;
/** Height of the shading and of the full bar, as a share of the row. */
const SHADED = 0.72;
const BAR = 0.3;

/**
 * Rule paper every 1 mm and, stronger, every 5 mm; lines take whole device pixels.
 *
 * @param {Ink} ink @param {Sheet} sheet @param {Palette} colours @param {number} k device pixels per mm
 */
export function drawPaper(ink, sheet, colours, k) {
  ink.save();
  ink.setTransform(1, 0, 0, 1, 0, 0);
  const [width, height] = [ink.canvas.width, ink.canvas.height];
  ink.fillStyle = colours.paper;
  ink.fillRect(0, 0, width, height);
  const line = Math.max(1, Math.round(k / 6));
  for (const big of [false, true]) {
    ink.fillStyle = big ? colours.thick : colours.thin;
    for (let mm = 0; mm <= sheet.width; mm++)
      if ((mm % 5 === 0) === big) ink.fillRect(Math.round(mm * k), 0, line, height);
    for (let mm = 0; mm <= sheet.height; mm++)
      if ((mm % 5 === 0) === big) ink.fillRect(0, Math.round(mm * k), width, line);
  }
  ink.restore();
}

/**
 * Shade the paper behind a trace by evidence.
 *
 * @param {Ink} ink @param {Sheet} sheet @param {Strip} strip
 * @param {Float64Array} bins logit per 10 ms, from `origin_ms` on
 * @param {{origin_ms: number, limit: number, table: Uint8Array, dark: boolean, bars: boolean}} how
 */
export function drawEvidence(ink, sheet, strip, bins, how) {
  const step = (BIN_MS / 1000) * sheet.mm_per_s;
  const half = (SHADED * strip.height) / 2;
  const floor = strip.top + strip.height * (1 - BAR / 1.6);
  for (let b = 0; b < bins.length; b++) {
    const t = how.origin_ms + b * BIN_MS;
    if (t + BIN_MS <= strip.start_ms || t >= strip.end_ms || bins[b] === 0) continue;
    const x = xOf(sheet, strip, Math.max(t, strip.start_ms));
    const width = Math.min(step, strip.x + strip.width - x);
    if (how.bars) {
      const tall = (Math.max(-1, Math.min(1, bins[b] / how.limit)) * BAR * strip.height) / 2;
      ink.fillStyle = shade(Math.sign(bins[b]) * how.limit, how.limit, how.table, how.dark);
      ink.fillRect(x, floor - Math.max(tall, 0), width * 0.86, Math.abs(tall));
    } else {
      ink.fillStyle = shade(bins[b], how.limit, how.table, how.dark);
      ink.fillRect(x, strip.y - half, width + 0.02, 2 * half);
    }
  }
  if (how.bars) rule(ink, strip.x, floor, strip.x + strip.width, floor, sheet.scale);
}

/** @param {Ink} ink @param {number} x @param {number} y @param {number} to_x @param {number} to_y @param {number} scale */
function rule(ink, x, y, to_x, to_y, scale) {
  ink.lineWidth = 0.6 / scale;
  ink.strokeStyle = "rgba(128,128,128,.7)";
  ink.beginPath();
  ink.moveTo(x, y);
  ink.lineTo(to_x, to_y);
  ink.stroke();
}

/**
 * Draw a lead.
 *
 * @param {Ink} ink @param {Sheet} sheet @param {Strip} strip
 * @param {Float32Array} row mV
 * @param {{fs: number, origin_ms: number}} clock time of the first sample
 * @param {Palette} colours
 */
export function drawTrace(ink, sheet, strip, row, clock, colours) {
  const first = Math.max(0, Math.ceil(((strip.start_ms - clock.origin_ms) / 1000) * clock.fs));
  const last = Math.min(row.length - 1, Math.floor(((strip.end_ms - clock.origin_ms) / 1000) * clock.fs));
  ink.beginPath();
  for (let i = first; i <= last; i++) {
    const x = xOf(sheet, strip, clock.origin_ms + (i / clock.fs) * 1000);
    const y = strip.y - row[i] * sheet.mm_per_mV;
    if (i === first) ink.moveTo(x, y);
    else ink.lineTo(x, y);
  }
  ink.lineWidth = TRACE_PX / sheet.scale;
  ink.lineJoin = "round";
  ink.strokeStyle = colours.ink;
  ink.stroke();
}

/** Draw a pulse of 1 mV, 5 mm wide. @param {Ink} ink @param {Sheet} sheet @param {Strip} strip @param {Palette} colours */
export function drawCalibration(ink, sheet, strip, colours) {
  const x = strip.x - PULSE_MM;
  const top = strip.y - sheet.mm_per_mV;
  ink.beginPath();
  ink.moveTo(x, strip.y);
  for (const [dx, y] of [
    [1, strip.y],
    [1, top],
    [6, top],
    [6, strip.y],
    [7, strip.y],
  ])
    ink.lineTo(x + dx, y);
  ink.lineWidth = TRACE_PX / sheet.scale;
  ink.lineJoin = "miter";
  ink.strokeStyle = colours.ink;
  ink.stroke();
}

/**
 * Write a word with a rim of paper colour, so that the grid does not run through it.
 *
 * @param {Ink} ink @param {string} word @param {{x: number, y: number, px: number, bold?: boolean, colour: string, align?: CanvasTextAlign}} at
 * @param {Palette} colours @param {number} scale
 */
export function drawWord(ink, word, at, colours, scale) {
  ink.font = `${at.bold ? "600 " : ""}${at.px / scale}px ${colours.font}`;
  ink.textAlign = at.align ?? "left";
  ink.textBaseline = "middle";
  ink.lineJoin = "round";
  ink.lineWidth = 3 / scale;
  ink.strokeStyle = colours.paper;
  ink.strokeText(word, at.x, at.y);
  ink.fillStyle = at.colour;
  ink.fillText(word, at.x, at.y);
}

/** Place of a lead's name: above the trace, below the words over it; on a recording over the pulse, free of cursors. @param {Sheet} sheet @param {Strip} strip */
export function nameAt(sheet, strip) {
  const y = strip.top + Math.min(Math.max(3.4, NAME_PX / sheet.scale), 0.3 * strip.height);
  return { x: strip.on === "recording" && strip.column <= 0 ? strip.x - PULSE_MM + 3 / sheet.scale : strip.x + 0.8, y };
}

/**
 * Write a lead's name at the left end of its trace.
 *
 * @param {Ink} ink @param {Sheet} sheet @param {Strip} strip @param {Palette} colours
 */
export function drawName(ink, sheet, strip, colours) {
  const at = { ...nameAt(sheet, strip), px: 13, bold: true, colour: colours.ink };
  drawWord(ink, strip.lead, at, colours, sheet.scale);
}

/**
 * Draw the short strokes that part two leads in one row.
 *
 * @param {Ink} ink @param {Sheet} sheet @param {Strip} strip @param {Palette} colours
 */
export function drawPart(ink, sheet, strip, colours) {
  ink.beginPath();
  for (const [low, high] of [
    [-3, -1.2],
    [1.2, 3],
  ]) {
    ink.moveTo(strip.x, strip.y + low);
    ink.lineTo(strip.x, strip.y + high);
  }
  ink.lineWidth = 1 / sheet.scale;
  ink.strokeStyle = colours.ink;
  ink.stroke();
}

/**
 * Draw wave markers as dashed lines over the height of a strip, named where asked.
 *
 * @param {Ink} ink @param {Sheet} sheet @param {Strip} strip
 * @param {{name: string, t_ms: number, end?: boolean}[]} marks @param {boolean} named @param {Palette} colours
 */
export function drawMarks(ink, sheet, strip, marks, named, colours) {
  let free = -Infinity;
  ink.font = `${10.5 / sheet.scale}px ${colours.font}`;
  for (const mark of marks) {
    if (mark.t_ms < strip.start_ms || mark.t_ms > strip.end_ms) continue;
    const x = xOf(sheet, strip, mark.t_ms);
    ink.beginPath();
    ink.setLineDash([3 / sheet.scale, 2.2 / sheet.scale]);
    ink.moveTo(x, strip.top + 1);
    ink.lineTo(x, strip.top + strip.height - 1);
    ink.lineWidth = 1 / sheet.scale;
    ink.strokeStyle = colours.mark;
    ink.globalAlpha = 0.6;
    ink.stroke();
    ink.globalAlpha = 1;
    ink.setLineDash([]);
    const half = ink.measureText(mark.name).width / 2;
    if (!named || mark.end || x - half < free) continue;
    // whole, where the beat begins at the edge of the sheet
    const at = { x: Math.max(x, half + 2 / sheet.scale), y: Math.max(strip.top - 1.6, 6.5 / sheet.scale) };
    drawWord(ink, mark.name, { ...at, px: 10.5, colour: colours.mark, align: "center" }, colours, sheet.scale);
    free = at.x + half + 3 / sheet.scale;
  }
}
