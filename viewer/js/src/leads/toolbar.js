/** Choices of the lead view: layout, source, speed, gain, evidence, markers. */

import { check, h, select } from "../panels/dom.js";
import { LAYOUTS } from "./layouts.js";

/** @type {[string, string][]} */
const EVIDENCE = [
  ["shading", "evidence shaded"],
  ["bars", "evidence as bars"],
  ["both", "shaded and bars"],
  ["none", "no evidence"],
];

/** How each source is usually shown; every choice can be changed afterwards. */
const CUSTOM = Object.freeze({
  beat: { source: "beat", layout: "6x2", paper: { mm_per_s: 50, mm_per_mV: 10 } },
  recording: { source: "recording", layout: "3x4", paper: { mm_per_s: 25, mm_per_mV: 10 } },
});

/** @param {number[]} values @param {string} unit @returns {[string, string][]} */
const withUnit = (values, unit) => values.map((value) => [String(value), `${value} ${unit}`]);
const SPEEDS = withUnit([25, 50], "mm/s");
const GAINS = withUnit([5, 10, 20], "mm/mV");
const SOURCES = /** @type {[string, string][]} */ ([
  ["beat", "beat"],
  ["recording", "recording"],
]);

/** @param {any} state @param {boolean} has_recording */
function choices(state, has_recording) {
  const paper = (/** @type {any} */ patch) => state.set({ paper: { ...state.get().paper, ...patch } });
  const named = (/** @type {string} */ words) => ({ "aria-label": words });
  const layout_options = Object.keys(LAYOUTS).map((name) => layoutOption(name, has_recording));
  return {
    source: select(SOURCES, (value) => state.set(CUSTOM[value]), named("Show the median beat or the recording")),
    layout: select(layout_options, (value) => state.set({ layout: value }), named("Layout of the leads")),
    speed: select(SPEEDS, (value) => paper({ mm_per_s: Number(value) }), named("Paper speed")),
    gain: select(GAINS, (value) => paper({ mm_per_mV: Number(value) }), named("Gain")),
    evidence: select(EVIDENCE, (value) => state.set({ evidence: value }), named("Evidence on the leads")),
    marks: check("waves", (on) => state.set({ marks: on }), named("Wave markers")),
  };
}

/** @param {string} name @param {boolean} has_recording without one there is no rhythm strip @returns {[string, string]} */
function layoutOption(name, has_recording) {
  const { rhythm } = LAYOUTS[name];
  return [name, [name.replace("x", "×"), ...(has_recording ? rhythm : [])].join(" + ")];
}

/**
 * @param {HTMLElement} element
 * @param {any} state
 * @param {boolean} has_recording
 * @returns {() => void} takes it away
 */
export function createToolbar(element, state, has_recording) {
  const { source, layout, speed, gain, evidence, marks } = choices(state, has_recording);
  source.disabled = !has_recording;
  const group = { class: "ecg-toolbar", role: "group", "aria-label": "Lead view" };
  element.append(h("div", group, source, layout, speed, gain, evidence, marks.element));
  const show = () => {
    const view = state.get();
    source.value = has_recording ? view.source : "beat";
    layout.value = view.layout in LAYOUTS ? view.layout : "3x4";
    speed.value = String(view.paper.mm_per_s);
    gain.value = String(view.paper.mm_per_mV);
    evidence.value = view.evidence ?? "shading";
    evidence.disabled = Boolean(view.blind);
    marks.box.checked = view.marks !== false;
  };
  show();
  return state.on(["source", "layout", "paper", "evidence", "marks", "blind"], show);
}
