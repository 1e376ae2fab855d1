/** The twelve leads on paper: canvas below, marks above, cursor on top. */

import { colourTable, SIGNED_TABLES } from "../colormaps.js";
import { h } from "../panels/dom.js";
import { bracketsOf, drawBrackets } from "./brackets.js";
import { clocksOf, marksOf } from "./clocks.js";
import { createCursor } from "./cursor.js";
import { planSheet } from "./geometry.js";
import { createKey } from "./key.js";
import { LEADS } from "./layouts.js";
import { createMarking } from "./marking.js";
import { drawCalibration, drawEvidence, drawMarks, drawName, drawPaper, drawPart, drawTrace } from "./paint.js";
import { binned, colourLimit, ofSign } from "./shading.js";
import { createToolbar } from "./toolbar.js";

const DRAWN = ["layout", "source", "paper", "evidence", "marks", "sign", "colormap", "blind", "theme", "beat", "label"];
const SHARPEST = 2;

/** Rows of a (12, n) array. @param {any} payload @param {string} name @returns {Float32Array[]} */
function rowsOf(payload, name) {
  const [count, n] = payload.shapes[name];
  return Array.from({ length: count }, (_, i) => payload.arrays[name].subarray(i * n, (i + 1) * n));
}

/**
 * What does not change with the view: signals, evidence in bins, brackets, clocks.
 *
 * @param {any} payload
 */
function contentOf(payload) {
  const has_recording = Boolean(payload.meta.recording && payload.arrays.recording_ecg);
  const clocks = clocksOf(payload.meta, has_recording);
  const source = (/** @type {string} */ stem, /** @type {number} */ fs, /** @type {number} */ origin_ms) => ({
    signal: rowsOf(payload, stem === "beat" ? "ecg" : "recording_ecg"),
    evidence: stem === "beat" ? rowsOf(payload, "evidence") : payload.arrays.recording_evidence && rowsOf(payload, "recording_evidence"),
    fs,
    origin_ms,
  });
  return {
    clocks,
    has_recording,
    beat: source("beat", clocks.fs, clocks.beat_ms[0]),
    recording: has_recording ? source("recording", clocks.recording_fs, 0) : null,
    marks: marksOf(payload.meta.fiducials_ms),
    brackets: bracketsOf(payload.meta.annotations ?? []),
  };
}

/** @param {HTMLElement} element @returns {import("./paint.js").Palette} */
function paletteOf(element) {
  const style = getComputedStyle(element);
  const of = (/** @type {string} */ name, /** @type {string} */ otherwise) => style.getPropertyValue(name).trim() || otherwise;
  return {
    paper: of("--ecg-paper", "#fffafa"),
    thin: of("--ecg-grid-thin", "#f7d3d6"),
    thick: of("--ecg-grid-thick", "#ecacb3"),
    ink: of("--ecg-ink", "#151515"),
    mark: of("--ecg-mark", "#1f4e79"),
    accent: of("--ecg-accent", "#0072b2"),
    dark: of("--ecg-dark", "0") === "1",
    font: style.fontFamily || "sans-serif",
  };
}

/**
 * Show the leads.
 *
 * @param {HTMLElement} element
 * @param {any} payload as `parsePayload` gives
 * @param {any} state
 * @returns {{destroy: () => void, setPayload: (payload: any) => void}}
 */
export function createLeads(element, payload, state) {
  const canvas = h("canvas", { class: "ecg-sheet", role: "img" });
  const above = h("canvas", { class: "ecg-sheet ecg-marks" });
  const layer = h("div", { class: "ecg-cursors", "aria-hidden": "true" });
  const stack = h("div", { class: "ecg-stack" }, canvas, above, layer);
  const room = h("div", { class: "ecg-room", tabindex: "-1" }, stack);
  let content = contentOf(payload);
  const offs = [createToolbar(element, state, content.has_recording)];
  element.append(room);
  const key = createKey(element);
  const cursor = createCursor(layer);
  /** @type {import("./geometry.js").Sheet} */
  let sheet;
  const marking = createMarking({ stack, canvas: above, state, sheet: () => sheet, clocks: () => content.clocks, palette: () => paletteOf(element) });
  let asked = 0;

  const redraw = () => {
    asked = 0;
    const box = { width: room.clientWidth, height: room.clientHeight };
    if (!box.width || !box.height) return;
    const view = state.get();
    const { clocks } = content;
    sheet = planSheet({ layout: view.layout, source: view.source, paper: view.paper, beat_ms: clocks.beat_ms, recording_ms: clocks.recording_ms, ...box });
    const density = Math.min(SHARPEST, Math.max(1, globalThis.devicePixelRatio || 1));
    for (const one of [canvas, above]) size(one, sheet, density, box);
    const palette = paletteOf(element);
    key.show(drawSheet(canvas.getContext("2d"), { sheet, content, payload, view, palette, k: sheet.scale * density }));
    canvas.setAttribute("aria-label", describe(payload, view));
    cursor.lay(sheet, clocks, sheet.strips.map((strip) => content.beat.signal[LEADS.indexOf(strip.lead)]));
    cursor.move(view.t_ms, view.beat ?? 0);
    marking.draw();
  };
  const ask = () => {
    asked ||= requestAnimationFrame(redraw);
  };
  const watcher = new ResizeObserver(ask);
  watcher.observe(room);
  offs.push(
    state.on(DRAWN, ask),
    state.on(["t_ms", "beat"], (/** @type {any} */ view) => sheet && cursor.move(view.t_ms, view.beat ?? 0)),
  );
  ask();
  return {
    destroy() {
      cancelAnimationFrame(asked);
      watcher.disconnect();
      marking.destroy();
      for (const off of offs) off();
      element.replaceChildren();
    },
    setPayload(next) {
      payload = next;
      content = contentOf(next);
      ask();
    },
  };
}

/** @param {HTMLCanvasElement} canvas @param {import("./geometry.js").Sheet} sheet @param {number} density @param {{width: number, height: number}} box */
function size(canvas, sheet, density, box) {
  // a sheet that fits must not call for scroll bars by a fraction of a pixel
  const width = sheet.width * sheet.scale <= box.width + 1 ? box.width : Math.ceil(sheet.width * sheet.scale);
  const height = sheet.height * sheet.scale <= box.height + 1 ? box.height : Math.ceil(sheet.height * sheet.scale);
  canvas.width = Math.round(width * density);
  canvas.height = Math.round(height * density);
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
}

/** @param {any} payload @param {any} view */
function describe(payload, view) {
  const what = view.source === "recording" ? "recording" : "median beat";
  const evidence = view.blind || view.evidence === "none" ? "" : `, evidence for ${payload.meta.label} shaded`;
  return `Twelve-lead ECG of ${payload.meta.record}: ${what}, ${view.paper.mm_per_s} mm/s, ${view.paper.mm_per_mV} mm/mV${evidence}`;
}

/**
 * Draw everything that does not move.
 *
 * @param {CanvasRenderingContext2D} ink
 * @param {{sheet: any, content: any, payload: any, view: any, palette: any, k: number}} what
 * @returns {any} what the colour key must say, null without evidence
 */
function drawSheet(ink, { sheet, content, payload, view, palette, k }) {
  drawPaper(ink, sheet, palette, k);
  ink.setTransform(k, 0, 0, k, 0, 0);
  const key = view.blind || view.evidence === "none" ? null : drawAllEvidence(ink, { sheet, content, view, palette });
  const first_row = sheet.strips[0].top;
  for (const strip of sheet.strips) {
    const source = content[strip.on];
    const shown = view.marks === false ? [] : marksOn(content, strip, view.beat ?? 0);
    drawMarks(ink, sheet, strip, shown, strip.top === first_row, palette);
    if (!view.blind) drawBrackets(ink, sheet, strip, { brackets: content.brackets, peaks_ms: content.clocks.peaks_ms }, palette);
    drawTrace(ink, sheet, strip, source.signal[LEADS.indexOf(strip.lead)], source, palette);
    if (strip.column <= 0) drawCalibration(ink, sheet, strip, palette);
    else if (strip.on === "recording") drawPart(ink, sheet, strip, palette);
  }
  for (const strip of sheet.strips) drawName(ink, sheet, strip, palette);
  return key && { ...key, label: payload.meta.label, of: cutWords(sheet, content.clocks) };
}

/** Say that a long recording is shown in part. @param {any} sheet @param {any} clocks */
function cutWords(sheet, { recording_ms }) {
  const shown = Math.max(...sheet.strips.filter((/** @type {any} */ s) => s.on === "recording" && s.column >= 0).map((/** @type {any} */ s) => s.end_ms));
  return Number.isFinite(shown) && shown < recording_ms - 1 ? `, first ${Math.round(shown / 1000)} of ${Math.round(recording_ms / 1000)} s` : "";
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
    if (!sums.has(on)) sums.set(on, evidence ? evidence.map((/** @type {Float32Array} */ row) => binned(ofSign(row, view.sign), fs)) : null);
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
  return { limit, table, dark: palette.dark, sign: view.sign };
}
