/** How the heart is drawn: colours, range, threshold, and what else is seen. */

import { check, field, figure, h, line, select, slider, write } from "./dom.js";
import { section } from "./context.js";

/** @type {[string, string][]} */
const SHOWN = [
  ["isolines", "isolines"],
  ["edges", "segment edges"],
  ["labels", "segment names"],
  ["atria", "atria, vessels"],
  ["path", "mean path"],
  ["electrodes", "electrodes"],
  ["torso", "torso"],
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
  const colours = select(
    [
      ["", "by the map"],
      ["PuOr", "PuOr (signed)"],
      ["managua", "managua (signed)"],
      ["cividis", "cividis"],
    ],
    (value) => state.set({ colormap: value || null }),
  );
  made.body.append(
    field("Colours", colours),
    rangeField({ state, follow }),
    thresholdField({ state, follow }),
    shown({ state, follow }),
    depth({ state, follow }),
  );
  follow(["colormap"], (view) => {
    colours.value = view.colormap ?? "";
  });
  return made.element;
}

/** Range of the colours, in the unit of the colour bar. @param {{state: any, follow: any}} context */
function rangeField({ state, follow }) {
  const fit = check("fit to the map", (on) => state.set({ range: on ? null : state.get().range_shown }));
  let full = 1;
  // two decades around the automatic range, so that both ends are of use
  const range = slider("Range of the colours", [-1, 1, 0.02], (value) => state.set({ range: full * 10 ** value }));
  const said = h("output", { class: "ecg-figure ecg-out" });
  follow(["range", "range_shown"], (/** @type {any} */ view) => {
    fit.box.checked = view.range === null;
    if (view.range === null) full = view.range_shown || 1;
    range.disabled = view.range === null;
    range.value = String(Math.log10((view.range ?? full) / full));
    write(said, `±${brief(view.range ?? full)}`);
  });
  return field("Range", h("div", { class: "ecg-bare" }, line(range, said), fit.element));
}

/** @param {{state: any, follow: any}} context */
function thresholdField({ state, follow }) {
  const set = (/** @type {number} */ value) =>
    state.set({ threshold: value === 0 ? null : (value / STEPS) * (state.get().range_shown || 1) });
  const threshold = slider("Threshold", [0, STEPS, 1], set);
  const said = h("output", { class: "ecg-figure ecg-out" });
  follow(["threshold", "range_shown"], (/** @type {any} */ view) => {
    threshold.value = String(Math.round((STEPS * (view.threshold ?? 0)) / (view.range_shown || 1)));
    write(said, view.threshold ? `≥ ${brief(view.threshold)}` : "none");
  });
  return field("Threshold", line(threshold, said), "Evidence below it is not coloured ( [ and ] )");
}

/** Two figures that say something. @param {number} value */
export const brief = (value) =>
  figure(value, Math.min(5, Math.max(0, 1 - Math.floor(Math.log10(Math.abs(value) || 1)))));

/** @param {{state: any, follow: any}} context */
function shown({ state, follow }) {
  const checks = SHOWN.map(([key, words]) => ({ key, ...check(words, (on) => state.set({ [key]: on })) }));
  follow(
    SHOWN.map(([key]) => key),
    (/** @type {any} */ view) => {
      for (const { key, box } of checks) box.checked = Boolean(view[key]);
    },
  );
  return h(
    "div",
    { class: "ecg-checks", role: "group", "aria-label": "What is seen" },
    ...checks.map(({ element }) => element),
  );
}

/** @param {{state: any, follow: any}} context */
function depth({ state, follow }) {
  const cut = check("cut away", (on) => state.set({ cut: { ...state.get().cut, on } }));
  const deep = slider("Depth of the cut", [0, 1, 0.01], (value) => state.set({ cut: { on: true, depth: value } }));
  follow(["cut"], (/** @type {any} */ view) => {
    cut.box.checked = Boolean(view.cut?.on);
    deep.value = String(view.cut?.depth ?? 0.5);
  });
  return line(cut.element, deep);
}
