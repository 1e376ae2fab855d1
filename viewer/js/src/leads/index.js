/** The twelve leads on paper: canvas below, marks above, cursor on top. */

import { h } from "../panels/dom.js";
import { leadColumns } from "../panels/feeding.js";
import { bracketsOf } from "./brackets.js";
import { clocksOf, marksOf } from "./clocks.js";
import { createCursor } from "./cursor.js";
import { drawSheet } from "./draw_sheet.js";
import { planSheet } from "./geometry.js";
import { createKey } from "./key.js";
import { LEADS } from "./layouts.js";
import { createMarking } from "./marking.js";
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
    evidence:
      stem === "beat"
        ? rowsOf(payload, "evidence")
        : payload.arrays.recording_evidence && rowsOf(payload, "recording_evidence"),
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
  const of = (/** @type {string} */ name, /** @type {string} */ otherwise) =>
    style.getPropertyValue(name).trim() || otherwise;
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
  let content = contentOf(payload);
  const offs = [createToolbar(element, state, content.has_recording)];
  const { room, canvas, above, layer } = sheetIn(element);
  const key = createKey(element);
  const cursor = createCursor(layer);
  /** @type {import("./geometry.js").Sheet} */
  let sheet;
  const marking = createMarking({
    canvas: above,
    state,
    sheet: () => sheet,
    clocks: () => content.clocks,
    palette: () => paletteOf(element),
    leadsApart: () => leadColumns(payload) !== null,
  });
  const signalOf = (/** @type {any} */ strip) => content.beat.signal[LEADS.indexOf(strip.lead)];
  const draw = () => {
    const box = { width: room.clientWidth, height: room.clientHeight };
    if (!box.width || !box.height) return;
    const view = state.get();
    sheet = planFor(view, content.clocks, box);
    const density = Math.min(SHARPEST, Math.max(1, globalThis.devicePixelRatio || 1));
    for (const one of [canvas, above]) size(one, sheet, density, box);
    const what = { sheet, content, payload, view, palette: paletteOf(element), k: sheet.scale * density };
    key.show(drawSheet(canvas.getContext("2d"), what));
    canvas.setAttribute("aria-label", describe(payload, view));
    cursor.lay(sheet, content.clocks, sheet.strips.map(signalOf));
    cursor.move(view.t_ms, view.beat ?? 0);
    marking.draw();
  };
  const drawing = onceAFrame(draw);
  const watcher = new ResizeObserver(drawing.ask);
  watcher.observe(room);
  const follow = (/** @type {any} */ view) => sheet && cursor.move(view.t_ms, view.beat ?? 0);
  offs.push(state.on(DRAWN, drawing.ask), state.on(["t_ms", "beat"], follow), marking.destroy, drawing.stop);
  drawing.ask();
  return {
    destroy() {
      watcher.disconnect();
      for (const off of offs) off();
      element.replaceChildren();
    },
    setPayload(next) {
      payload = next;
      content = contentOf(next);
      drawing.ask();
    },
  };
}

/** Two canvases and the cursor's layer, in what scrolls them where they do not fit. @param {HTMLElement} element */
function sheetIn(element) {
  const canvas = h("canvas", { class: "ecg-sheet", role: "img" });
  const above = h("canvas", { class: "ecg-sheet ecg-marks" });
  const layer = h("div", { class: "ecg-cursors", "aria-hidden": "true" });
  const room = h("div", { class: "ecg-room", tabindex: "-1" }, h("div", { class: "ecg-stack" }, canvas, above, layer));
  element.append(room);
  return { room, canvas, above, layer };
}

/** @param {any} view @param {import("./clocks.js").Clocks} clocks @param {{width: number, height: number}} box */
function planFor({ layout, source, paper }, { beat_ms, recording_ms }, box) {
  return planSheet({ layout, source, paper, beat_ms, recording_ms, ...box });
}

/** Run something in the next frame, however often it is asked for. @param {() => void} action */
function onceAFrame(action) {
  let asked = 0;
  const run = () => {
    asked = 0;
    action();
  };
  return {
    ask: () => {
      asked ||= requestAnimationFrame(run);
    },
    stop: () => cancelAnimationFrame(asked),
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
