/** Which map: modality or average, how sure, for or against. */

import { button, buttons, field, h, select, write } from "./dom.js";
import { section } from "./context.js";
import { isAmount } from "./region_values.js";
import { mapWords, percent } from "./words.js";

/** What the modality argues from, for people who meet it for the first time. @type {Record<string, string>} */
const MEANINGS = {
  average: "Equal weight to every modality that does better than a fixed guess.",
  leads: "Each lead's evidence on the walls that it faces.",
  vcg: "Evidence along the axes of the vectorcardiogram, on the walls that they point to.",
  path: "Evidence where the mean activation is at that moment.",
  simulations: "Evidence where the disease lay in simulated hearts with such recordings.",
  disagreement: "How far the modalities lie apart: large where the place depends on the method.",
  spread: "How far the networks of the ensemble lie apart.",
};

/** Maps that can be chosen, in the order in which M steps through them. @param {any} payload @returns {[string, string][]} */
export function mapOptions({ meta, arrays }) {
  return [
    ["average", "Average of modalities"],
    ...meta.modalities.map((/** @type {any} */ m) => [m.name, m.weight > 0 ? m.title : `${m.title} (not averaged)`]),
    ["disagreement", "Disagreement"],
    ...(arrays.spread ? [/** @type {[string, string]} */ (["spread", "Spread of the ensemble"])] : []),
  ];
}

/** @type {[string, string][]} */
const SIGNS = [
  ["signed", "both"],
  ["for", "for"],
  ["against", "against"],
];

/** Evidence, or how sure its place is, one click away. @param {any} payload @returns {[string, string][]} */
function sureOptions({ arrays }) {
  const names = ["disagreement", ...(arrays.spread ? ["spread"] : [])];
  return [["average", "evidence"], ...names.map((name) => /** @type {[string, string]} */ ([name, name]))];
}

/** @param {import("./context.js").Context} context */
export function createMapPanel({ payload, state, follow }) {
  const { residual } = payload.meta;
  const made = section("Map", { open: true, key: "map" });
  const show = (/** @type {string} */ map) => state.set({ map });
  const map = select(mapOptions(payload), show);
  const sure = buttons("How sure", sureOptions(payload), show);
  const sign = buttons("Evidence", SIGNS, (value) => state.set({ sign: value }));
  const means = h("p", { class: "ecg-soft ecg-small" });
  made.body.append(
    sure.element,
    field("Map", map),
    field("Evidence", sign.element),
    means,
    leadNote({ state, follow }),
  );
  const rounding = residual > 0 ? ` Rounded for the browser by at most ${percent(residual, 2)} of its range.` : "";
  follow(["map", "sign", "lead_pick", "blind"], (view) => {
    map.value = view.map;
    sure.show(isAmount(view) ? view.map : "average");
    sign.show(view.sign);
    for (const one of sign.element.querySelectorAll("button")) one.disabled = view.map === "spread";
    write(means, `${MEANINGS[view.map] ?? ""}${rounding}`);
    made.says(view.blind ? "hidden" : mapWords(payload, view));
    made.body.inert = Boolean(view.blind);
  });
  return made.element;
}

/** Says that one lead alone is shown, and gives the way back. @param {{state: any, follow: any}} context */
function leadNote({ state, follow }) {
  const words = h("span");
  const back = button("Show all leads", () => state.set({ lead_pick: null }), { class: "ecg-plain" });
  const note = h("p", { class: "ecg-note ecg-small" }, words, " ", back);
  follow(["lead_pick"], (/** @type {any} */ { lead_pick }) => {
    note.hidden = !lead_pick;
    if (lead_pick) write(words, `The heart shows what lead ${lead_pick.lead} alone brings.`);
  });
  return note;
}
