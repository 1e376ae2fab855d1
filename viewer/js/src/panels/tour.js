/** The guided tour: a few stops in large type, each with the view that shows what it says. */

import { mapValues } from "../map.js";
import { bestView } from "./best_view.js";
import { button, h, setAttribute, write } from "./dom.js";
import { partOf, percent } from "./words.js";

/**
 * @typedef {object} Stop
 * @property {string} title
 * @property {string} words
 * @property {any} view what to set
 * @property {string} [section] panel that must be in sight
 * @property {ArrayLike<number>} [face] weights per vertex; the heart turns so that they look out
 */

/**
 * Stops for a payload; those that it has nothing for are left out.
 *
 * @param {any} payload
 * @returns {Stop[]}
 */
export function stopsOf(payload) {
  const { meta, arrays } = payload;
  const chance = percent(meta.probabilities?.[meta.label]);
  const qrs = partOf(meta.fiducials_ms, "QRS");
  const calm = { tool: "look", compare: "none", playing: false, lead_pick: null, threshold: null };
  const whole = { ...calm, credible: false, map: "average", mode: "integral", interval_ms: null, sign: "signed" };
  const supporting = mapValues(payload, { ...whole, sign: "for" });
  const marked = (meta.annotations ?? []).findIndex((/** @type {any} */ one) => one.mask);
  const stops = [
    { title: "A recording, and what the network says", words: `The network gives ${meta.label} a probability of ${chance}. On the right is the median beat of the twelve leads; nothing else was given to the network than this recording.`, view: { ...whole, evidence: "none" } },
    { title: "Which part of the signal it used", words: "Orange speaks for the label, purple against it. The pieces add up exactly to the network’s logit; nothing is left over.", view: { ...whole, evidence: "shading" } },
    { title: "Where on the heart this comes from", words: "Each piece of evidence is placed on the walls that its leads look at. The colours show evidence per area, summed over the whole beat.", view: { ...whole, path: false }, face: supporting, section: "bullseye" },
    { title: "In time", words: "The same, moment by moment: the cursor on the leads and the map on the heart move together. Space stops it.", view: { ...calm, map: "average", mode: "instant", t_ms: qrs?.[0] ?? 0, loop: "beat", speed: 0.1, playing: true } },
    { title: "How sure is the place?", words: "This is not evidence but disagreement: how far the ways of placing it lie apart. Where this is strong, the place depends on the method.", view: { ...whole, map: "disagreement" }, section: "map" },
    marked >= 0 && { title: "Against what was marked", words: "The line is the annotation, the colours are the model. The panel gives Dice beside what marking everything and what chance would score.", view: { ...whole, compare: "contour", mask: marked }, section: "experts", face: arrays[meta.annotations?.[marked]?.mask] },
    arrays.credible && meta.credible && { title: "How small a region can be promised", words: meta.credible.stands_out ? `In simulations the disease lay within ${percent(meta.credible.share)} of the ventricles in four of five cases with such evidence. That is the honest size of the answer.` : "In simulations, normal recordings gave such evidence too: no region can be promised.", view: { ...whole, credible: true }, section: "experts" },
    { title: "Your turn", words: "Turn the heart, drag along the leads, choose another map, or mark what you see. Press ? for all keys. For research only, not a medical device.", view: whole },
  ];
  return /** @type {Stop[]} */ (stops.filter(Boolean));
}

const KEPT = ["map", "sign", "mode", "interval_ms", "t_ms", "playing", "loop", "speed", "tool", "compare", "mask", "evidence", "threshold", "lead_pick", "path", "credible", "camera"];

/** Nothing plays by itself for people who asked for less motion. @param {any} view */
function calmed(view) {
  const still = globalThis.matchMedia?.("(prefers-reduced-motion: reduce)").matches;
  return still ? { ...view, playing: false } : view;
}

/** Open a section and bring it into sight. @param {any} element */
function show(element) {
  if (!element) return;
  element.open = true;
  element.scrollIntoView({ block: "start" });
}

/** @param {import("./context.js").Context} context */
export function createTour({ payload, state, heart, shell, follow }) {
  const stops = stopsOf(payload);
  const title = h("h2", {});
  const words = h("p", {});
  const where = h("span", { class: "ecg-soft" });
  const next = button("Next", () => go(1), { class: "ecg-main" });
  const back = button("Back", () => go(-1));
  const card = h("div", { class: "ecg-tour", role: "dialog", "aria-label": "Guided tour", "aria-live": "polite" }, h("div", {}, title, words), h("div", { class: "ecg-steps" }, where, h("span", { class: "ecg-row" }, back, next), button("Leave the tour", leave, { class: "ecg-plain" })));
  /** @type {any} */
  let before = null;
  function go(/** @type {number} */ by) {
    const at = (state.get().tour ?? 0) + by;
    if (at >= stops.length) leave();
    else state.set({ tour: Math.max(0, at) });
  }
  function leave() {
    state.set({ tour: null });
  }
  follow(["tour"], (view) => {
    const on = view.tour !== null && view.tour !== undefined;
    setAttribute(shell.view, "data-tour", on);
    if (!on) {
      card.remove();
      if (before) state.set(before);
      before = null;
      return;
    }
    before ??= Object.fromEntries(KEPT.map((key) => [key, view[key]]));
    const stop = stops[Math.min(view.tour, stops.length - 1)];
    if (!card.isConnected) shell.over.append(card);
    write(title, stop.title);
    write(words, stop.words);
    write(where, `${view.tour + 1} of ${stops.length}`);
    write(next, view.tour === stops.length - 1 ? "End" : "Next");
    back.disabled = view.tour === 0;
    state.set(calmed(stop.view));
    const look = stop.face && bestView(payload, stop.face);
    if (look) heart?.setView(look);
    show(shell.side.querySelector(`[data-section="${stop.section}"]`));
  });
  return { go, leave, begin: () => state.get().blind || state.set({ tour: 0 }) };
}
