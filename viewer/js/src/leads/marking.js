/** What the pointer does on the leads: set the time, measure, mark intervals. */

import { phaseOf } from "./clocks.js";
import { leadsBetween, stripAtPoint, timeAt, voltageAt } from "./geometry.js";
import { added, between, dragged, intervalAt, removed, replaced, SHORTEST_MS, withLead } from "./intervals.js";
import { LEADS } from "./layouts.js";
import { drawCalliper, drawDraft, drawPicked, drawSpan } from "./marks_above.js";

/** @typedef {import("./geometry.js").Sheet} Sheet */
/** @typedef {import("./geometry.js").Strip} Strip */

const REACH_PX = 7;
const CLICK_PX = 3;

/**
 * @typedef {object} Parts
 * @property {HTMLCanvasElement} canvas
 * @property {any} state
 * @property {() => Sheet} sheet
 * @property {() => import("./clocks.js").Clocks} clocks
 * @property {() => import("./paint.js").Palette} palette
 * @property {() => boolean} leadsApart whether the heart can show what one lead brings
 */

/**
 * @typedef {object} Grip A drag under way.
 * @property {(at: Spot) => void} move
 * @property {(at: Spot, moved: boolean) => void} end
 */

/** @typedef {{x: number, y: number, strip: Strip|null}} Spot place in mm */

/** @param {Parts} parts */
export function createMarking(parts) {
  const { canvas, state } = parts;
  const live = { intervals: /** @type {any[]|null} */ (null), calliper: /** @type {any} */ (null) };
  const draw = () => parts.sheet() && drawAll(parts, live);
  listen(parts, gripsOf(parts, live, draw), () => {
    live.intervals = null;
    draw();
  });
  const off = state.on(["draft", "interval_at", "interval_ms", "mode", "lead_pick", "tool", "theme"], () => {
    if (state.get().tool !== "calliper") live.calliper = null;
    draw();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (parts.sheet() && event.buttons === 0) canvas.style.cursor = pointerShape(parts, spotOf(parts, event));
  });
  return { draw, destroy: off };
}

/** Place of the pointer on paper. @param {Parts} parts @param {PointerEvent} event @returns {Spot} */
function spotOf({ canvas, sheet }, event) {
  const box = canvas.getBoundingClientRect();
  const k = sheet().scale * (box.width / canvas.clientWidth || 1);
  const [x, y] = [(event.clientX - box.left) / k, (event.clientY - box.top) / k];
  return { x, y, strip: stripAtPoint(sheet(), x, y) };
}

/**
 * Turn pointer events into drags.
 *
 * @param {Parts} parts
 * @param {(strip: Strip, at: Spot, shift: boolean) => Grip|null} grips
 * @param {() => void} forget called where the browser takes the pointer away
 */
function listen(parts, grips, forget) {
  const { canvas } = parts;
  /** @type {{grip: Grip, x: number, y: number, moved: boolean}|null} */
  let held = null;
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !parts.sheet()) return;
    const at = spotOf(parts, event);
    const grip = at.strip && grips(at.strip, at, event.shiftKey);
    if (!grip) return;
    canvas.setPointerCapture(event.pointerId);
    held = { grip, x: event.clientX, y: event.clientY, moved: false };
    grip.move(at);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!held) return;
    held.moved ||= Math.hypot(event.clientX - held.x, event.clientY - held.y) > CLICK_PX;
    held.grip.move(spotOf(parts, event));
  });
  canvas.addEventListener("pointerup", (event) => {
    const was = held;
    held = null;
    was?.grip.end(spotOf(parts, event), was.moved);
  });
  canvas.addEventListener("pointercancel", () => {
    held = null;
    forget();
  });
}

/**
 * Choose what a press begins.
 *
 * @param {Parts} parts @param {{intervals: any[]|null, calliper: any}} live @param {() => void} draw
 * @returns {(strip: Strip, at: Spot, shift: boolean) => Grip|null}
 */
function gripsOf(parts, live, draw) {
  const { state } = parts;
  const commit = (/** @type {any[]} */ intervals, /** @type {number|null} */ chosen) => {
    live.intervals = null;
    state.set({ draft: { ...state.get().draft, intervals }, interval_at: chosen });
    draw();
  };
  return (strip, at, shift) => {
    const { tool, draft, interval_at } = state.get();
    if (tool === "calliper") return measure(parts, live, strip, at, draw);
    if (tool !== "interval") return shift ? span(parts, strip, at) : scrub(parts, strip);
    const chosen = draft.intervals[interval_at];
    if (shift && chosen) {
      commit(replaced(draft.intervals, interval_at, withLead(chosen, strip.lead, LEADS)), interval_at);
      return null;
    }
    const hit = intervalAt(draft.intervals, parts.sheet(), strip, {
      x: at.x,
      reach: REACH_PX / parts.sheet().scale,
      peaks_ms: parts.clocks().peaks_ms,
    });
    return hit
      ? shift_interval(parts, live, { strip, at, hit, commit, draw })
      : mark(parts, live, { strip, at, commit, draw });
  };
}

/** Set the time while dragging; a click also picks the lead. @param {Parts} parts @param {Strip} strip @returns {Grip} */
function scrub(parts, strip) {
  const { state } = parts;
  const timed = (/** @type {Spot} */ at) => {
    const t = timeAt(parts.sheet(), strip, at.x);
    if (strip.on === "beat") return { t_ms: t };
    return phaseOf(parts.clocks(), t) ?? { t_ms: t };
  };
  return {
    move: (at) => state.set({ ...timed(at), mode: "instant", playing: false }),
    end: (at, moved) => {
      if (moved) return;
      const pick = { lead: strip.lead, t_ms: timed(at).t_ms };
      // a payload that does not tell leads apart is replaced by one that does
      state.set(parts.leadsApart() ? { lead_pick: pick } : { lead_wanted: pick });
    },
  };
}

/** Choose the span over which the map is summed. @param {Parts} parts @param {Strip} strip @param {Spot} from @returns {Grip} */
function span(parts, strip, from) {
  const moment = (/** @type {Spot} */ at) => {
    const t = timeAt(parts.sheet(), strip, at.x);
    return strip.on === "beat" ? t : (phaseOf(parts.clocks(), t)?.t_ms ?? t);
  };
  const start = Math.round(moment(from));
  const show = (/** @type {Spot} */ at) => {
    const end = Math.round(moment(at));
    if (Math.abs(end - start) < SHORTEST_MS) return;
    parts.state.set({
      mode: "integral",
      interval_ms: [Math.min(start, end), Math.max(start, end)],
      playing: false,
    });
  };
  return { move: show, end: show };
}

/**
 * Measure time and voltage between two places of a strip.
 *
 * @param {Parts} parts @param {any} live @param {Strip} strip @param {Spot} from @param {() => void} draw @returns {Grip}
 */
function measure(parts, live, strip, from, draw) {
  const ends = (/** @type {Spot} */ at) => {
    const sheet = parts.sheet();
    return { t_ms: timeAt(sheet, strip, at.x), mV: voltageAt(sheet, strip, at.y) };
  };
  const first = ends(from);
  return {
    move(at) {
      const last = ends(at);
      live.calliper = { lead: strip.lead, column: strip.column, a: first, b: last };
      draw();
    },
    end(_, moved) {
      if (!moved) live.calliper = null;
      const { a, b } = live.calliper ?? {};
      parts.state.set({
        measure: live.calliper && { lead: strip.lead, ms: Math.abs(b.t_ms - a.t_ms), mV: b.mV - a.mV },
      });
      draw();
    },
  };
}

/**
 * Mark a new interval on the leads that the drag crosses.
 *
 * @param {Parts} parts @param {any} live @param {any} how @returns {Grip}
 */
function mark(parts, live, { strip, at: from, commit, draw }) {
  const { state } = parts;
  const start = timeAt(parts.sheet(), strip, from.x);
  let fresh = /** @type {any} */ (null);
  return {
    move(at) {
      const leads = leadsBetween(parts.sheet(), strip, at.y);
      fresh = between(leads, start, timeAt(parts.sheet(), strip, at.x), strip.on);
      live.intervals = fresh ? added(state.get().draft.intervals, fresh) : null;
      draw();
    },
    end(_, moved) {
      const old = state.get().draft.intervals;
      live.intervals = null;
      if (moved && fresh) commit(added(old, fresh), old.length);
      else state.set({ interval_at: null });
      draw();
    },
  };
}

/** Move or resize the interval that was hit. @param {Parts} parts @param {any} live @param {any} how @returns {Grip} */
function shift_interval(parts, live, { strip, at: from, hit, commit, draw }) {
  const { state } = parts;
  const old = state.get().draft.intervals;
  const one = old[hit.index];
  const clocks = parts.clocks();
  const bounds =
    (one.on ?? "beat") === "beat" ? clocks.beat_ms : /** @type {[number, number]} */ ([0, clocks.recording_ms ?? 0]);
  state.set({ interval_at: hit.index });
  const changed = (/** @type {Spot} */ at) => {
    const by = ((at.x - from.x) / parts.sheet().mm_per_s) * 1000;
    return replaced(old, hit.index, dragged(one, hit.part, by, bounds));
  };
  return {
    move(at) {
      live.intervals = changed(at);
      draw();
    },
    end(at, moved) {
      live.intervals = null;
      if (moved) commit(changed(at), hit.index);
      draw();
    },
  };
}

/** Delete the chosen interval. @param {any} state @returns {boolean} whether there was one */
export function deleteChosen(state) {
  const { draft, interval_at } = state.get();
  if (interval_at === null || interval_at === undefined || !draft.intervals[interval_at]) return false;
  state.set({ draft: { ...draft, intervals: removed(draft.intervals, interval_at) }, interval_at: null });
  return true;
}

/** @param {Parts} parts @param {Spot} at */
function pointerShape(parts, at) {
  const { tool, draft } = parts.state.get();
  if (!at.strip) return "default";
  if (tool === "calliper") return "crosshair";
  if (tool !== "interval") return "col-resize";
  const hit = intervalAt(draft.intervals, parts.sheet(), at.strip, {
    x: at.x,
    reach: REACH_PX / parts.sheet().scale,
    peaks_ms: parts.clocks().peaks_ms,
  });
  if (!hit) return "crosshair";
  return hit.part === "body" ? "grab" : "ew-resize";
}

/** @param {Parts} parts @param {{intervals: any[]|null, calliper: any}} live */
function drawAll(parts, live) {
  const { canvas, state } = parts;
  const sheet = parts.sheet();
  const palette = parts.palette();
  const view = state.get();
  const ink = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const k = sheet.scale * (canvas.width / (parseFloat(canvas.style.width) || canvas.width));
  ink.setTransform(1, 0, 0, 1, 0, 0);
  ink.clearRect(0, 0, canvas.width, canvas.height);
  ink.setTransform(k, 0, 0, k, 0, 0);
  const peaks_ms = parts.clocks().peaks_ms;
  if (view.mode === "integral" && view.interval_ms) drawSpan(ink, sheet, view.interval_ms, peaks_ms, palette);
  drawDraft(
    ink,
    sheet,
    { intervals: live.intervals ?? view.draft?.intervals ?? [], chosen: view.interval_at, peaks_ms },
    palette,
  );
  if (view.lead_pick) drawPicked(ink, sheet, view.lead_pick.lead, palette);
  if (live.calliper) drawCalliper(ink, sheet, live.calliper, palette);
}
