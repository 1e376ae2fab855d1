/** The head: what is shown, for which label, with which tool. */

import { button, buttons, h, select, write } from "./dom.js";
import { percent } from "./words.js";

/** @type {[string, string, string, boolean][]} tool, words, title, whether it edits */
const TOOLS = [
  ["look", "Look", "Turn the heart, set the time (Q)", false],
  ["calliper", "Callipers", "Measure time and voltage on the leads (C)", false],
  ["brush", "Brush", "Paint on the heart (W)", true],
  ["segment", "Segments", "Pick segments on the heart or the bull's-eye (E)", true],
  ["interval", "Intervals", "Drag intervals on the leads (R)", true],
];

/** @param {import("./context.js").Context} context @param {{help: () => void, tour: () => void, fullscreen: () => void}} acts */
export function createHead({ payload, state, shell, editable, follow }, acts) {
  const { meta } = payload;
  const chance = (/** @type {string} */ label) => percent(meta.probabilities?.[label]);
  const label = select(
    meta.labels.map((/** @type {string} */ name) => [name, name]),
    (value) => state.set({ label: value }),
    { "aria-label": "Label whose evidence is shown" },
  );
  const said = h("output", { class: "ecg-figure" });
  const tools = buttons("Tool", TOOLS.filter(([, , , edits]) => editable || !edits).map(([value, words, title]) => [value, words, title]), (tool) => state.set({ tool }));
  const theme = button("", () => state.set({ theme: state.get().theme === "dark" ? "light" : "dark" }), { title: "Light or dark (D)" });
  // the tour tells what the model says
  const tour = button("Tour", acts.tour, { title: "Guided tour (T)" });
  follow(["blind"], (view) => (tour.disabled = Boolean(view.blind)));
  shell.head.append(
    h("h1", {}, meta.record),
    h("span", { class: "ecg-label" }, label, said),
    h("span", { class: "ecg-push" }),
    tools.element,
    h("span", { class: "ecg-row" }, theme, tour, button("Full screen", acts.fullscreen, { title: "Full screen (F)" }), button("?", acts.help, { title: "Keys (?)", "aria-label": "Keys" })),
  );
  follow(["tool"], (view) => tools.show(view.tool));
  follow(["theme"], (view) => {
    shell.view.dataset.theme = view.theme === "dark" ? "dark" : "light";
    write(theme, view.theme === "dark" ? "Light" : "Dark");
  });
  follow(["label", "blind"], (view) => {
    for (const option of label.options) {
      write(option, view.blind ? option.value : `${option.value}  ${chance(option.value)}`);
    }
    label.value = view.label ?? meta.label;
    write(said, view.blind ? "model hidden" : `logit ${meta.logit >= 0 ? "+" : "−"}${Math.abs(meta.logit).toFixed(2)}`);
    said.title = view.blind ? "" : `Probability ${chance(meta.label)}; logit ${meta.logit.toFixed(3)}, of which bias ${meta.bias.toFixed(3)}`;
  });
}
