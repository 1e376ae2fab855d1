/** The head: what is shown, for which label, with which tool. */

import { button, buttons, figure, h, s, select, setAttribute, write } from "./dom.js";
import { percent } from "./words.js";

/** @type {[string, string, string, boolean][]} tool, words, title, whether it edits */
const TOOLS = [
  ["look", "Look", "Turn the heart, set the time (Q)", false],
  ["calliper", "Callipers", "Measure time and voltage on the leads (C)", false],
  ["brush", "Brush", "Paint on the heart (W)", true],
  ["segment", "Segments", "Pick segments on the heart or the bull's-eye (E)", true],
  ["interval", "Intervals", "Drag intervals on the leads (R)", true],
];

/** A drawing of 16 by 16 in the colour of the text. @param {string} d */
const icon = (d) =>
  s(
    "svg",
    { viewBox: "0 0 16 16", width: 15, height: 15, "aria-hidden": "true" },
    s("path", { d, fill: "none", stroke: "currentColor", "stroke-width": 1.6 }),
  );
const HALF_MOON = "M8 2a6 6 0 1 0 0 12a6 6 0 1 0 0-12v12M10.2 3v10M12.4 4.5v7";
const CORNERS = "M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4";

/** The label whose evidence is shown, with its probability and logit. @param {import("./context.js").Context} context */
function labelChoice({ payload, state, follow }) {
  const { meta } = payload;
  const chance = (/** @type {string} */ label) => percent(meta.probabilities?.[label]);
  const options = meta.labels.map((/** @type {string} */ name) => [name, name]);
  const choose = (/** @type {string} */ value) => state.set({ label: value });
  const label = select(options, choose, { "aria-label": "Label whose evidence is shown" });
  const said = h("output", { class: "ecg-figure" });
  const parts = `logit ${meta.logit.toFixed(3)}, of which bias ${meta.bias.toFixed(3)}`;
  follow(["label", "blind"], (view) => {
    for (const option of label.options) {
      write(option, view.blind ? option.value : `${option.value}  ${chance(option.value)}`);
    }
    label.value = view.label ?? meta.label;
    write(said, view.blind ? "model hidden" : `logit ${figure(meta.logit, 2, true)}`);
    said.title = view.blind ? "" : `Probability ${chance(meta.label)}; ${parts}`;
  });
  return h("span", { class: "ecg-label" }, label, said);
}

/** @param {import("./context.js").Context} context */
function toolChoice({ state, editable, follow }) {
  const offered = TOOLS.filter(([, , , edits]) => editable || !edits);
  const named = offered.map(([value, words, title]) => /** @type {[string, string, string]} */ ([value, words, title]));
  const tools = buttons("Tool", named, (tool) => state.set({ tool }));
  follow(["tool"], (view) => tools.show(view.tool));
  return tools.element;
}

/** @typedef {{help: () => void, tour: () => void, fullscreen: () => void}} Acts */

/** @param {import("./context.js").Context} context @param {Acts} acts */
function pageButtons({ state, shell, follow }, acts) {
  const turn = () => state.set({ theme: state.get().theme === "dark" ? "light" : "dark" });
  const theme = button(icon(HALF_MOON), turn, { title: "Light or dark (D)" });
  const tour = button("Tour", acts.tour, { title: "Guided tour (T)" });
  const full = button(icon(CORNERS), acts.fullscreen, { title: "Full screen (F)", "aria-label": "Full screen" });
  const help = button("?", acts.help, { title: "Keys (?)", "aria-label": "Keys" });
  // the tour tells what the model says
  follow(["blind"], (view) => (tour.disabled = Boolean(view.blind)));
  follow(["theme"], (view) => {
    shell.view.dataset.theme = view.theme === "dark" ? "dark" : "light";
    setAttribute(theme, "aria-label", view.theme === "dark" ? "Light theme" : "Dark theme");
  });
  return h("span", { class: "ecg-row" }, theme, tour, full, help);
}

/** @param {import("./context.js").Context} context @param {Acts} acts */
export function createHead(context, acts) {
  const title = h("h1", { title: context.payload.meta.record }, context.payload.meta.record);
  const push = h("span", { class: "ecg-push" });
  context.shell.head.append(title, labelChoice(context), push, toolChoice(context), pageButtons(context, acts));
}
