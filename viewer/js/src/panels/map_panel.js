/** Which map: modality or average, how sure, for or against. */

import { button, buttons, field, h, select, write } from "./dom.js";
import { section } from "./context.js";
import { LESS, RIVAL } from "../map.js";
import { isAmount, isDifference } from "./region_values.js";
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
  [RIVAL]: "The same label, beat, heart and average, with the evidence of the rival.",
  [LESS]:
    "Each map as percent of its own evidence, for and against counted alike over heart and beat; then model less " +
    "rival. Orange: the model has the larger part. Logits are not subtracted, as networks are sure to different degrees.",
};

/** Maps that can be chosen, in the order in which M steps through them. @param {any} payload @returns {[string, string][]} */
export function mapOptions({ meta, arrays }) {
  return [
    ["average", "Average of modalities"],
    ...meta.modalities
      .filter((/** @type {any} */ m) => m.name !== RIVAL)
      .map((/** @type {any} */ m) => [m.name, m.weight > 0 ? m.title : `${m.title} (not averaged)`]),
    ["disagreement", "Disagreement"],
    ...(arrays.spread ? [/** @type {[string, string]} */ (["spread", "Spread of the ensemble"])] : []),
    ...rivalOptions(meta),
  ];
}

/** @param {any} meta @returns {[string, string][]} */
function rivalOptions({ rival }) {
  if (!rival) return [];
  return [
    [RIVAL, `Rival: ${rival.title}`],
    [LESS, "Model less rival"],
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

/** What is said while a lead's part is not here. @param {any} view */
const waitWords = ({ lead_wanted, asking }) =>
  asking
    ? `Fetching what ${lead_wanted.lead ? `lead ${lead_wanted.lead}` : "each lead"} brings …`
    : "This file does not tell leads apart; open the recording in the viewer for that.";

/** Says that one lead alone is shown, and gives the way back. @param {{state: any, follow: any}} context */
function leadNote({ state, follow }) {
  const words = h("span");
  const forget = () => state.set({ lead_pick: null, lead_wanted: null });
  const back = button("Show all leads", forget, { class: "ecg-plain" });
  const note = h("p", { class: "ecg-note ecg-small", role: "status" }, words, " ", back);
  follow(["lead_pick", "lead_wanted"], (/** @type {any} */ view) => {
    const { lead_pick, lead_wanted } = view;
    note.hidden = !lead_pick && !lead_wanted;
    if (lead_wanted) write(words, waitWords(view));
    else if (lead_pick) write(words, `The heart shows what lead ${lead_pick.lead} alone brings.`);
  });
  return note;
}
