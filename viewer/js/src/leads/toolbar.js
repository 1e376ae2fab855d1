/** Choices of the lead view: layout, source, speed, gain, evidence, markers. */

import { check, h, select } from "../panels/dom.js";
import { LAYOUTS } from "./layouts.js";

/** @type {[string, string][]} */
const EVIDENCE = [
  ["shading", "evidence shaded"], ["bars", "evidence as bars"], ["both", "shaded and bars"], ["none", "no evidence"],
];

/** How each source is usually shown; every choice can be changed afterwards. */
const CUSTOM = Object.freeze({
  beat: { source: "beat", layout: "6x2", paper: { mm_per_s: 50, mm_per_mV: 10 } },
  recording: { source: "recording", layout: "3x4", paper: { mm_per_s: 25, mm_per_mV: 10 } },
});

/** @param {number[]} values @param {string} unit @returns {[string, string][]} */
const withUnit = (values, unit) => values.map((value) => [String(value), `${value} ${unit}`]);

/**
 * @param {HTMLElement} element
 * @param {any} state
 * @param {boolean} has_recording
 * @returns {() => void} takes it away
 */
export function createToolbar(element, state, has_recording) {
  const paper = (/** @type {any} */ patch) => state.set({ paper: { ...state.get().paper, ...patch } });
  const source = select([["beat", "beat"], ["recording", "recording"]], (value) => state.set(CUSTOM[value]), {
    "aria-label": "Show the median beat or the recording",
    disabled: !has_recording,
  });
  const layout = select(
    Object.keys(LAYOUTS).map((name) => [name, name === "3x4" && has_recording ? "3×4 + II" : name.replace("x", "×")]),
    (value) => state.set({ layout: value }),
    { "aria-label": "Layout of the leads" },
  );
  const speed = select(withUnit([25, 50], "mm/s"), (value) => paper({ mm_per_s: Number(value) }), { "aria-label": "Paper speed" });
  const gain = select(withUnit([5, 10, 20], "mm/mV"), (value) => paper({ mm_per_mV: Number(value) }), { "aria-label": "Gain" });
  const evidence = select(EVIDENCE, (value) => state.set({ evidence: value }), { "aria-label": "Evidence on the leads" });
  const marks = check("waves", (on) => state.set({ marks: on }), { "aria-label": "Wave markers" });
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
  element.append(h("div", { class: "ecg-toolbar", role: "group", "aria-label": "Lead view" }, source, layout, speed, gain, evidence, marks.element));
  show();
  return state.on(["source", "layout", "paper", "evidence", "marks", "blind"], show);
}
