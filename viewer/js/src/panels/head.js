/** The head: what is shown, for which label, with which tool. */

import { button, buttons, h, s, select, setAttribute, write } from "./dom.js";
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
  s("svg", { viewBox: "0 0 16 16", width: 15, height: 15, "aria-hidden": "true" }, s("path", { d, fill: "none", stroke: "currentColor", "stroke-width": 1.6 }));
const HALF_MOON = "M8 2a6 6 0 1 0 0 12a6 6 0 1 0 0-12v12M10.2 3v10M12.4 4.5v7";
const CORNERS = "M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4";

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
  const theme = button(icon(HALF_MOON), () => state.set({ theme: state.get().theme === "dark" ? "light" : "dark" }), { title: "Light or dark (D)" });
  // the tour tells what the model says
  const tour = button("Tour", acts.tour, { title: "Guided tour (T)" });
  follow(["blind"], (view) => (tour.disabled = Boolean(view.blind)));
  shell.head.append(
    h("h1", {}, meta.record),
    h("span", { class: "ecg-label" }, label, said),
    h("span", { class: "ecg-push" }),
    tools.element,
    h("span", { class: "ecg-row" }, theme, tour, button(icon(CORNERS), acts.fullscreen, { title: "Full screen (F)", "aria-label": "Full screen" }), button("?", acts.help, { title: "Keys (?)", "aria-label": "Keys" })),
  );
  follow(["tool"], (view) => tools.show(view.tool));
  follow(["theme"], (view) => {
    shell.view.dataset.theme = view.theme === "dark" ? "dark" : "light";
    setAttribute(theme, "aria-label", view.theme === "dark" ? "Light theme" : "Dark theme");
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
