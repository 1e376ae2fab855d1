/** Which map: modality or average, how sure, for or against. */

import { buttons, field, h, select, write } from "./dom.js";
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

/** @param {import("./context.js").Context} context */
export function createMapPanel({ payload, state, follow }) {
  const { meta } = payload;
  const made = section("Map", { open: true, key: "map" });
  const map = select(mapOptions(payload), (value) => state.set({ map: value }));
  const sign = buttons("Evidence", [["signed", "both"], ["for", "for"], ["against", "against"]], (value) => state.set({ sign: value }));
  const sure = buttons("How sure", [["average", "evidence"], ["disagreement", "disagreement"], ...(payload.arrays.spread ? [/** @type {[string, string]} */ (["spread", "spread"])] : [])], (value) => state.set({ map: value }));
  const means = h("p", { class: "ecg-soft ecg-small" });
  const lead = h("p", { class: "ecg-note ecg-small" });
  made.body.append(sure.element, field("Map", map), field("Evidence", sign.element), means, lead);
  const rounding = meta.residual > 0 ? ` Rounded for the browser by at most ${percent(meta.residual, 2)} of its range.` : "";
  follow(["map", "sign", "blind"], (view) => {
    map.value = view.map;
    sure.show(isAmount(view) ? view.map : "average");
    sign.show(view.sign);
    for (const one of sign.element.querySelectorAll("button")) one.disabled = view.map === "spread";
    write(means, `${MEANINGS[view.map] ?? ""}${rounding}`);
    made.says(view.blind ? "hidden" : mapWords(payload, view));
    made.body.inert = Boolean(view.blind);
  });
  follow(["lead_pick"], ({ lead_pick }) => {
    lead.hidden = !lead_pick;
    if (!lead_pick) return;
    const back = h("button", { type: "button", class: "ecg-plain", onclick: () => state.set({ lead_pick: null }) }, "Show all leads");
    lead.replaceChildren(`The heart shows what lead ${lead_pick.lead} alone brings. `, back);
  });
  return made.element;
}
