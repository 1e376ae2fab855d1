/** Standard views of the heart, in the bar above it. */

import { button, check, h } from "./dom.js";

/** Name, what the button says, what it means. @type {[string, string, string][]} */
export const VIEWS = [
  ["AP", "AP", "From the front"],
  ["RAO", "RAO", "Right anterior oblique, 30°"],
  ["LAO", "LAO", "Left anterior oblique, 45°"],
  ["left lateral", "Left", "From the left side"],
  ["inferior", "Inferior", "From below"],
  ["four-chamber", "4-ch", "Four-chamber cut"],
];

/** @param {import("./context.js").Context} context */
export function createViews({ state, heart, shell, follow }) {
  const made = VIEWS.map(([name, words, title], i) =>
    button(words, () => heart?.setView(name), { title: `${title} (${i + 1})`, disabled: heart ? null : true }),
  );
  const cut = check("cut", (on) => state.set({ cut: { ...state.get().cut, on } }), {
    "aria-label": "Cut away",
    title: "Open the heart to its inner walls (X)",
  });
  const edges = check("edges", (on) => state.set({ edges: on }), {
    "aria-label": "Segment edges",
    title: "Draw the edges of the segments",
  });
  shell.heart_bar.append(
    h("div", { class: "ecg-buttons", role: "group", "aria-label": "Standard views" }, ...made),
    cut.element,
    edges.element,
  );
  follow(["cut", "edges"], (view) => {
    cut.box.checked = Boolean(view.cut?.on);
    edges.box.checked = Boolean(view.edges);
  });
}
