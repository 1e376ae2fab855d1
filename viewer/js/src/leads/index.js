/** The twelve leads on paper: canvas below, marks above, cursor on top. */

import { pagesOf, pageStore, pageWords, PATIENCE_MS } from "../pages.js";
import { h, write } from "../panels/dom.js";
import { leadColumns } from "../panels/feeding.js";
import { bracketsOf } from "./brackets.js";
import { clocksOf, marksOf } from "./clocks.js";
import { createCursor } from "./cursor.js";
import { drawSheet } from "./draw_sheet.js";
import { planSheet } from "./geometry.js";
import { createKey } from "./key.js";
import { layoutNamed, LEADS } from "./layouts.js";
import { createMarking } from "./marking.js";
import { createMoments, FOOT_MM, momentsOf } from "./moments.js";
import { beatOn, createPager, missingWords, pageWith } from "./pager.js";
import css from "./pages.css";
import { createToolbar } from "./toolbar.js";

const DRAWN = "layout source paper evidence marks sign colormap blind theme beat label page".split(" ");
const SHARPEST = 2;
/** A page must be looked at for so long before it is asked for, so that a drag over many asks for one, ms. */
const SETTLED_MS = 120;

/** Rows of a (12, n) array. @param {any} payload @param {string} name @returns {Float32Array[]} */
function rowsOf(payload, name) {
  const [count, n] = payload.shapes[name];
  return Array.from({ length: count }, (_, i) => payload.arrays[name].subarray(i * n, (i + 1) * n));
}

/**
 * What does not change with the view but for the page: signals, evidence, brackets, clocks.
 *
 * @param {any} payload
 * @param {number} page
 */
function contentOf(payload, page) {
  const has_recording = Boolean(payload.meta.recording && payload.arrays.recording_ecg);
  const clocks = clocksOf(payload.meta, has_recording);
  const [signal, evidence] = [rowsOf(payload, "ecg"), rowsOf(payload, "evidence")];
  const pages = has_recording ? pagesOf(payload.meta) : null;
  return {
    clocks,
    has_recording,
    pages,
    beat: { signal, evidence, fs: clocks.fs, origin_ms: clocks.beat_ms[0] },
    recording: pages && recordingOf(payload, pages, page),
    marks: marksOf(payload.meta.fiducials_ms),
    brackets: bracketsOf(payload.meta.annotations ?? []),
  };
}

/** One page of the recording; without samples while it is not here. @param {any} payload @param {ReturnType<typeof pagesOf>} pages @param {number} page */
function recordingOf(payload, pages, page) {
  const { recording, clusters, fs } = payload.meta;
  const held = page === 0 ? payload : pageStore.get(pages.id, page);
  const [start, end] = pages.span(page);
  const runs = (page === 0 ? clusters?.runs : held?.meta.runs) ?? [];
  return {
    signal: held ? rowsOf(held, "recording_ecg") : LEADS.map(() => new Float32Array(0)),
    evidence: held?.arrays.recording_evidence ? rowsOf(held, "recording_evidence") : null,
    moments: clusters ? momentsOf(runs, fs, end) : [],
    missing: !held,
    fs: recording.fs,
    origin_ms: start,
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
 * @returns {{destroy: () => void}}
 */
export function createLeads(element, payload, state) {
  let content = contentOf(payload, state.get().page);
  const offs = [createToolbar(element, state, content.has_recording)];
  const { room, canvas, above, layer, below, missing } = sheetIn(element);
  const moments = createMoments(below, payload, state);
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
    sheet = planFor(view, content, box);
    const density = Math.min(SHARPEST, Math.max(1, globalThis.devicePixelRatio || 1));
    for (const one of [canvas, above]) size(one, sheet, density, box);
    // what scrolls is reached by keyboard, too
    room.tabIndex = room.scrollWidth > box.width + 1 || room.scrollHeight > box.height + 1 ? 0 : -1;
    const what = { sheet, content, payload, view, palette: paletteOf(element), k: sheet.scale * density };
    key.show(drawSheet(canvas.getContext("2d"), what));
    canvas.setAttribute("aria-label", describe(payload, view, content.pages));
    moments.lay(sheet, content.recording?.moments ?? []);
    const words = view.source === "recording" ? missingWords(content.pages, view.page, content.recording?.missing ?? false) : "";
    write(missing.firstElementChild, words);
    missing.hidden = !words;
    cursor.lay(sheet, content.clocks, sheet.strips.map(signalOf));
    cursor.move(view.t_ms, view.beat ?? 0);
    marking.draw();
  };
  const drawing = onceAFrame(draw);
  const watcher = new ResizeObserver(drawing.ask);
  watcher.observe(room);
  const follow = (/** @type {any} */ view) => sheet && cursor.move(view.t_ms, view.beat ?? 0);
  offs.push(state.on(DRAWN, drawing.ask), state.on(["t_ms", "beat"], follow), marking.destroy, drawing.stop, moments.destroy);
  const reread = () => {
    content = { ...content, recording: recordingOf(payload, content.pages, state.get().page) };
    drawing.ask();
  };
  if (content.pages?.count > 1) offs.push(createPager(element, state, content), paged(state, content, reread));
  drawing.ask();
  return {
    destroy() {
      watcher.disconnect();
      for (const off of offs) off();
      element.replaceChildren();
    },
  };
}

/**
 * Have pages come as they are looked at, and page and beat go together.
 *
 * @param {any} state @param {any} content @param {() => void} reread takes up the page at hand
 * @returns {() => void}
 */
function paged(state, { pages, clocks }, reread) {
  let timer = 0;
  const want = () => {
    const { page, source } = state.get();
    if (source !== "recording") return;
    const here = page === 0 || pageStore.get(pages.id, page);
    // once it is here, the next page is likely to be looked at next
    const wanted = here ? page + 1 : page;
    if (wanted < pages.count) pageStore.ask(pages.id, wanted);
    if (!here) timer = setTimeout(want, PATIENCE_MS + SETTLED_MS);
  };
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(want, SETTLED_MS);
  };
  const turned = () => {
    state.set({ beat: beatOn(pages, clocks.peaks_ms, state.get()) });
    reread();
    soon();
  };
  const offs = [
    state.on(["page"], turned),
    state.on(["source"], soon),
    state.on(["beat"], () => state.set({ page: pageWith(pages, clocks.peaks_ms, state.get()) })),
    pageStore.on((id) => {
      if (id !== pages.id) return;
      reread();
      soon();
    }),
    () => clearTimeout(timer),
  ];
  if (state.get().page > 0) turned();
  return () => offs.forEach((off) => off());
}

/** Two canvases and the cursor's layer, in what scrolls them where they do not fit. @param {HTMLElement} element */
function sheetIn(element) {
  const canvas = h("canvas", { class: "ecg-sheet", role: "img" });
  const above = h("canvas", { class: "ecg-sheet ecg-marks" });
  const layer = h("div", { class: "ecg-cursors", "aria-hidden": "true" });
  const below = h("div", { class: "ecg-moments-below", "aria-hidden": "true" });
  const missing = h("p", { class: "ecg-missing", role: "status", hidden: true }, h("span"));
  const stack = h("div", { class: "ecg-stack" }, canvas, above, layer, below);
  const room = h("div", { class: "ecg-room", tabindex: "-1", role: "group", "aria-label": "Paper" }, h("style", {}, css), missing, stack);
  element.append(room);
  return { room, canvas, above, layer, below, missing };
}

/** @param {any} view @param {any} content @param {{width: number, height: number}} box */
function planFor({ layout, source, paper, page }, { clocks, pages, recording }, box) {
  const { beat_ms, recording_ms } = clocks;
  const with_moments = recording?.moments.length && (source === "recording" || layoutNamed(layout).rhythm.length);
  const more = { page_ms: pages?.span(page), foot_mm: with_moments ? FOOT_MM : 0 };
  return planSheet({ layout, source, paper, beat_ms, recording_ms, ...more, ...box });
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

/** @param {any} payload @param {any} view @param {ReturnType<typeof pagesOf> | null} pages */
function describe(payload, view, pages) {
  const part = pages && pages.count > 1 ? ` ${pageWords(pages, view.page)}` : "";
  const what = view.source === "recording" ? `recording${part}` : "median beat";
  const evidence = view.blind || view.evidence === "none" ? "" : `, evidence for ${payload.meta.label} shaded`;
  return `Twelve-lead ECG of ${payload.meta.record}: ${what}, ${view.paper.mm_per_s} mm/s, ${view.paper.mm_per_mV} mm/mV${evidence}`;
}
