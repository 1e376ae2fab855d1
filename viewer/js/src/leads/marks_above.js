/** What lies above the traces: the span summed over, drafts of intervals, the picked lead, callipers. */

import { figure } from "../panels/dom.js";
import { stretchesOn } from "./brackets.js";
import { xOf } from "./geometry.js";

/** @typedef {import("./geometry.js").Sheet} Sheet */
/** @typedef {import("./paint.js").Palette} Palette */
/** @typedef {CanvasRenderingContext2D} Ink */

const RATE_FROM_MS = 250;

/**
 * Show the time over which the map is summed as a bar above every column.
 *
 * @param {Ink} ink @param {Sheet} sheet @param {[number, number]} span @param {number[]} peaks_ms @param {Palette} colours
 */
export function drawSpan(ink, sheet, span, peaks_ms, colours) {
  ink.fillStyle = colours.accent;
  for (const strip of sheet.strips) {
    const interval = { onset_ms: Math.min(...span), offset_ms: Math.max(...span) };
    for (const [onset, offset] of stretchesOn(interval, strip, peaks_ms)) {
      const [x, width] = [xOf(sheet, strip, onset), ((offset - onset) / 1000) * sheet.mm_per_s];
      ink.globalAlpha = 0.07;
      ink.fillRect(x, strip.top, width, strip.height);
      ink.globalAlpha = 0.8;
      ink.fillRect(x, strip.top + 0.1, width, 2 / sheet.scale);
    }
  }
  ink.globalAlpha = 1;
}

/**
 * Draw the intervals that are being marked, with grips at their ends.
 *
 * @param {Ink} ink @param {Sheet} sheet
 * @param {{intervals: any[], chosen: number|null|undefined, peaks_ms: number[]}} what
 * @param {Palette} colours
 */
export function drawDraft(ink, sheet, { intervals, chosen, peaks_ms }, colours) {
  intervals.forEach((interval, index) => {
    for (const strip of sheet.strips) {
      if (!interval.leads.includes(strip.lead)) continue;
      for (const [onset, offset] of stretchesOn(interval, strip, peaks_ms)) {
        const [x, to] = [xOf(sheet, strip, onset), xOf(sheet, strip, offset)];
        const [top, height] = [strip.top + 0.12 * strip.height, 0.8 * strip.height];
        ink.fillStyle = colours.accent;
        ink.globalAlpha = index === chosen ? 0.28 : 0.16;
        ink.fillRect(x, top, to - x, height);
        ink.globalAlpha = 1;
        const edge = (index === chosen ? 2.5 : 1.5) / sheet.scale;
        for (const at of [x, to]) ink.fillRect(at - edge / 2, top, edge, height);
        if (index !== chosen) continue;
        for (const at of [x, to]) grip(ink, at, top + height / 2, 4 / sheet.scale);
      }
    }
  });
}

/** @param {Ink} ink @param {number} x @param {number} y @param {number} r */
function grip(ink, x, y, r) {
  ink.beginPath();
  ink.arc(x, y, r, 0, 2 * Math.PI);
  ink.fill();
}

/**
 * Frame the lead whose contribution the heart shows.
 *
 * @param {Ink} ink @param {Sheet} sheet @param {string} lead @param {Palette} colours
 */
export function drawPicked(ink, sheet, lead, colours) {
  ink.strokeStyle = colours.accent;
  ink.lineWidth = 2 / sheet.scale;
  for (const strip of sheet.strips) {
    if (strip.lead === lead && strip.column >= 0)
      ink.strokeRect(strip.x - 0.3, strip.top + 0.4, strip.width + 0.6, strip.height - 0.8);
  }
}

/** Name what callipers measure. @param {number} ms @param {number} mV */
export function calliperWords(ms, mV) {
  const rate = ms >= RATE_FROM_MS ? ` (${Math.round(60000 / ms)}/min)` : "";
  return `${Math.round(ms)} ms${rate}   ${figure(mV, 2, true)} mV`;
}

/**
 * Draw callipers: two upright and two level lines with what lies between.
 *
 * @param {Ink} ink @param {Sheet} sheet @param {any} calliper @param {Palette} colours
 */
export function drawCalliper(ink, sheet, { lead, column, a, b }, colours) {
  const strip = sheet.strips.find((s) => s.lead === lead && s.column === column);
  if (!strip) return;
  const [ax, bx] = [xOf(sheet, strip, a.t_ms), xOf(sheet, strip, b.t_ms)];
  const [ay, by] = [a, b].map((end) => strip.y - end.mV * sheet.mm_per_mV);
  ink.strokeStyle = colours.accent;
  ink.lineWidth = 1.5 / sheet.scale;
  ink.beginPath();
  for (const x of [ax, bx]) {
    ink.moveTo(x, strip.top);
    ink.lineTo(x, strip.top + strip.height);
  }
  for (const y of [ay, by]) {
    ink.moveTo(Math.min(ax, bx), y);
    ink.lineTo(Math.max(ax, bx), y);
  }
  ink.stroke();
  ink.globalAlpha = 0.1;
  ink.fillStyle = colours.accent;
  ink.fillRect(Math.min(ax, bx), Math.min(ay, by), Math.abs(bx - ax), Math.abs(by - ay));
  ink.globalAlpha = 1;
  drawLabel(
    ink,
    sheet,
    {
      words: calliperWords(Math.abs(b.t_ms - a.t_ms), b.mV - a.mV),
      left: Math.min(ax, bx),
      right: Math.max(ax, bx),
      y: strip.top + 2,
    },
    colours,
  );
}

/**
 * Write what is measured on a plate beside the callipers, where there is room.
 *
 * @param {Ink} ink @param {Sheet} sheet @param {any} at @param {Palette} colours
 */
function drawLabel(ink, sheet, { words, left, right, y }, colours) {
  const px = 12;
  ink.font = `600 ${px / sheet.scale}px ${colours.font}`;
  const width = ink.measureText(words).width + 12 / sheet.scale;
  const height = 20 / sheet.scale;
  const x = right + width + 1 < sheet.width ? right + 0.8 : Math.max(0.5, left - width - 0.8);
  ink.fillStyle = colours.paper;
  ink.strokeStyle = colours.accent;
  ink.lineWidth = 1 / sheet.scale;
  ink.fillRect(x, y - height / 2, width, height);
  ink.strokeRect(x, y - height / 2, width, height);
  ink.fillStyle = colours.accent;
  ink.textAlign = "left";
  ink.textBaseline = "middle";
  ink.fillText(words, x + 6 / sheet.scale, y);
}
