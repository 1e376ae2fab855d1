/** How the heart is drawn: colours, range, threshold, and what else is seen. */

import { check, field, figure, h, select, write } from "./dom.js";
import { section } from "./context.js";

/** @type {[string, string][]} */
const SHOWN = [
  ["isolines", "isolines"], ["edges", "segment edges"], ["labels", "labels"], ["atria", "atria, vessels"],
  ["path", "mean path"], ["electrodes", "electrodes"], ["torso", "torso"],
];
const STEPS = 100;

/** Move the threshold by a twentieth of the range; zero is none. @param {any} state @param {1|-1} way */
export function stepThreshold(state, way) {
  const { threshold, range_shown } = state.get();
  const top = range_shown || 1;
  const next = Math.min(top, Math.max(0, (threshold ?? 0) + (way * top) / 20));
  state.set({ threshold: next < top / 1000 ? null : next });
}

/** @param {import("./context.js").Context} context */
export function createDisplay({ state, follow }) {
  const made = section("Display", { key: "display" });
  const colours = select([["", "by the map"], ["PuOr", "PuOr (signed)"], ["managua", "managua (signed)"], ["cividis", "cividis"]], (value) => state.set({ colormap: value || null }));
  made.body.append(field("Colours", colours), ...scales({ state, follow }), shown({ state, follow }), depth({ state, follow }));
  follow(["colormap"], (view) => {
    colours.value = view.colormap ?? "";
  });
  return made.element;
}

/** Range and threshold, in the unit of the colour bar. @param {{state: any, follow: any}} context */
function scales({ state, follow }) {
  const auto = check("automatic", (on) => state.set({ range: on ? null : state.get().range_shown }));
  let full = 1;
  // the slider runs over two decades around the automatic range, so that both ends are of use
  const range = h("input", { type: "range", min: -1, max: 1, step: 0.02, "aria-label": "Range of the colours", oninput: () => state.set({ range: full * 10 ** Number(range.value) }) });
  const range_said = h("output", { class: "ecg-figure ecg-out" });
  const threshold = h("input", { type: "range", min: 0, max: STEPS, step: 1, "aria-label": "Threshold", oninput: () => state.set({ threshold: threshold.value === "0" ? null : (Number(threshold.value) / STEPS) * (state.get().range_shown || 1) }) });
  const threshold_said = h("output", { class: "ecg-figure ecg-out" });
  follow(["range", "range_shown"], (/** @type {any} */ view) => {
    auto.box.checked = view.range === null;
    if (view.range === null) full = view.range_shown || 1;
    range.disabled = view.range === null;
    range.value = String(Math.log10((view.range ?? full) / full));
    write(range_said, `±${brief(view.range ?? full)}`);
  });
  follow(["threshold", "range_shown"], (/** @type {any} */ view) => {
    threshold.value = String(Math.round((STEPS * (view.threshold ?? 0)) / (view.range_shown || 1)));
    write(threshold_said, view.threshold ? `≥ ${brief(view.threshold)}` : "none");
  });
  return [
    field("Range", h("div", { class: "ecg-row", style: "flex-wrap:nowrap" }, auto.element, range, range_said)),
    field("Threshold", h("div", { class: "ecg-row", style: "flex-wrap:nowrap" }, threshold, threshold_said), "Evidence below it is not coloured ( [ and ] )"),
  ];
}

/** Two figures that say something. @param {number} value */
export const brief = (value) => figure(value, Math.min(5, Math.max(0, 1 - Math.floor(Math.log10(Math.abs(value) || 1)))));

/** @param {{state: any, follow: any}} context */
function shown({ state, follow }) {
  const checks = SHOWN.map(([key, words]) => ({ key, ...check(words, (on) => state.set({ [key]: on })) }));
  follow(SHOWN.map(([key]) => key), (/** @type {any} */ view) => {
    for (const { key, box } of checks) box.checked = Boolean(view[key]);
  });
  return h("div", { class: "ecg-checks", role: "group", "aria-label": "What is seen" }, ...checks.map(({ element }) => element));
}

/** @param {{state: any, follow: any}} context */
function depth({ state, follow }) {
  const cut = check("cut away", (on) => state.set({ cut: { ...state.get().cut, on } }));
  const slider = h("input", { type: "range", min: 0, max: 1, step: 0.01, "aria-label": "Depth of the cut", oninput: () => state.set({ cut: { on: true, depth: Number(slider.value) } }) });
  follow(["cut"], (/** @type {any} */ view) => {
    cut.box.checked = Boolean(view.cut?.on);
    slider.value = String(view.cut?.depth ?? 0.5);
  });
  return h("div", { class: "ecg-row", style: "flex-wrap:nowrap" }, cut.element, slider);
}
