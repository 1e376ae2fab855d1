/** The guided tour: a few stops in large type, each with the view that shows what it says. */

import { mapValues } from "../map.js";
import { bestView } from "./best_view.js";
import { bringIntoSight, button, h, setAttribute, write } from "./dom.js";
import { partOf, percent } from "./words.js";

/**
 * @typedef {object} Stop
 * @property {string} title
 * @property {string} words
 * @property {any} view what to set
 * @property {string} [section] panel that must be in sight
 * @property {ArrayLike<number>} [face] weights per vertex; the heart turns so that they look out
 */

const CALM = Object.freeze({ tool: "look", compare: "none", playing: false, lead_pick: null, threshold: null });
const WHOLE = Object.freeze({
  ...CALM,
  credible: false,
  map: "average",
  mode: "integral",
  interval_ms: null,
  cluster: null,
  sign: "signed",
});

/** What the network says, and which part of the recording it used. @param {any} payload @returns {Stop[]} */
function aboutSignal({ meta }) {
  const chance = percent(meta.probabilities?.[meta.label]);
  return [
    {
      title: "A recording, and what the network says",
      words:
        `The network gives ${meta.label} a probability of ${chance}. On the right is the median beat of the ` +
        "twelve leads; nothing else was given to the network than this recording.",
      view: { ...WHOLE, evidence: "none" },
    },
    {
      title: "Which part of the signal it used",
      words:
        "Orange speaks for the label, purple against it. The pieces add up exactly to the network’s logit; " +
        "nothing is left over.",
      view: { ...WHOLE, evidence: "shading" },
    },
  ];
}

/** Where that lies on the heart, when, and how sure it is. @param {any} payload @returns {Stop[]} */
function aboutHeart(payload) {
  const start = partOf(payload.meta.fiducials_ms, "QRS")?.[0] ?? 0;
  return [
    {
      title: "Where on the heart this comes from",
      words:
        "Each piece of evidence is placed on the walls that its leads look at. The colours show evidence per " +
        "area, summed over the whole beat.",
      view: { ...WHOLE, path: false },
      face: mapValues(payload, { ...WHOLE, sign: "for" }),
      section: "bullseye",
    },
    {
      title: "In time",
      words:
        "The same, moment by moment: the cursor on the leads and the map on the heart move together. " +
        "Space stops it.",
      view: { ...CALM, map: "average", mode: "instant", t_ms: start, loop: "beat", speed: 0.1, playing: true },
    },
    {
      title: "How sure is the place?",
      words:
        "This is not evidence but disagreement: how far the ways of placing it lie apart. Where this is " +
        "strong, the place depends on the method.",
      view: { ...WHOLE, map: "disagreement" },
      section: "map",
    },
  ];
}

/** How it compares with what was marked, where something was. @param {any} payload @returns {Stop[]} */
function aboutMarks({ meta, arrays }) {
  const mask = (meta.annotations ?? []).findIndex((/** @type {any} */ one) => arrays[one.mask]);
  if (mask < 0) return [];
  const words =
    "The line is the annotation, the colours are the model. The panel gives Dice beside what marking " +
    "everything and what chance would score.";
  const view = { ...WHOLE, compare: "contour", mask };
  return [
    { title: "Against what was marked", words, view, section: "experts", face: arrays[meta.annotations[mask].mask] },
  ];
}

/** What simulations can promise, where they can. @param {any} payload @returns {Stop[]} */
function aboutCertainty({ meta, arrays }) {
  if (!meta.credible || !arrays.credible) return [];
  const { stands_out, share } = meta.credible;
  const held =
    `In simulations the disease lay within ${percent(share)} of the ventricles in four of five cases with such ` +
    "evidence. That is the honest size of the answer.";
  const none = "In simulations, normal recordings gave such evidence too: no region can be promised.";
  const view = { ...WHOLE, credible: true };
  return [{ title: "How small a region can be promised", words: stands_out ? held : none, view, section: "experts" }];
}

/**
 * Stops for a payload; those that it has nothing for are left out.
 *
 * @param {any} payload
 * @returns {Stop[]}
 */
export function stopsOf(payload) {
  const last =
    "Turn the heart, drag along the leads, choose another map, or mark what you see. Press ? for all keys. " +
    "For research only, not a medical device.";
  return [
    ...aboutSignal(payload),
    ...aboutHeart(payload),
    ...aboutMarks(payload),
    ...aboutCertainty(payload),
    { title: "Your turn", words: last, view: WHOLE },
  ];
}

/** What the tour changes and gives back at its end. */
const KEPT =
  "map sign mode interval_ms cluster t_ms playing loop speed tool compare mask evidence threshold lead_pick path credible camera".split(
    " ",
  );

/** Nothing plays by itself for people who asked for less motion. @param {any} view */
function calmed(view) {
  const still = globalThis.matchMedia?.("(prefers-reduced-motion: reduce)").matches;
  return still ? { ...view, playing: false } : view;
}

/** The card that carries the words. @param {(by: number) => void} go @param {() => void} leave @param {() => void} fill */
function cardOf(go, leave, fill) {
  const [title, words, where] = [h("h2"), h("p"), h("span", { class: "ecg-soft" })];
  const next = button("Next", () => go(1), { class: "ecg-main" });
  const back = button("Back", () => go(-1));
  const full = button("Full screen", fill, { class: "ecg-plain" });
  const end = button("Leave", leave, { class: "ecg-plain" });
  const steps = h(
    "div",
    { class: "ecg-steps" },
    where,
    h("span", { class: "ecg-row" }, back, next),
    h("span", { class: "ecg-row" }, full, end),
  );
  const role = { class: "ecg-tour", role: "dialog", "aria-label": "Guided tour", "aria-live": "polite" };
  const element = h("div", role, h("div", {}, title, words), steps);
  const show = (/** @type {Stop} */ stop, /** @type {number} */ at, /** @type {number} */ count) => {
    write(title, stop.title);
    write(words, stop.words);
    write(where, `${at + 1} of ${count}`);
    write(next, at === count - 1 ? "End" : "Next");
    back.disabled = at === 0;
  };
  return { element, show, focus: () => next.focus() };
}

/** @param {import("./context.js").Context} context @param {() => void} fill fills the screen, or leaves that */
export function createTour(context, fill) {
  const { payload, state, shell, follow } = context;
  const stops = stopsOf(payload);
  const leave = () => state.set({ tour: null });
  const go = (/** @type {number} */ by) => {
    const at = (state.get().tour ?? 0) + by;
    if (at >= stops.length) leave();
    else state.set({ tour: Math.max(0, at) });
  };
  const card = cardOf(go, leave, fill);
  /** @type {any} */
  let before = null;
  follow(["tour"], (view) => {
    const on = view.tour !== null && view.tour !== undefined;
    setAttribute(shell.view, "data-tour", on);
    if (!on) {
      card.element.remove();
      if (before) state.set(before);
      before = null;
      return;
    }
    before ??= Object.fromEntries(KEPT.map((key) => [key, view[key]]));
    const at = Math.min(view.tour, stops.length - 1);
    card.show(stops[at], at, stops.length);
    if (!card.element.isConnected) {
      shell.over.append(card.element);
      card.focus();
    }
    stopAt(context, stops[at]);
  });
  return { go, leave, begin: () => state.get().blind || state.set({ tour: 0 }) };
}

/** Show what a stop speaks of: view, side of the heart, panel. @param {import("./context.js").Context} context @param {Stop} stop */
function stopAt({ payload, state, heart, shell }, stop) {
  state.set(calmed(stop.view));
  const look = stop.face && bestView(payload, stop.face);
  if (look) heart?.setView(look);
  const panel = shell.side.querySelector(`[data-section="${stop.section}"]`);
  if (!panel) return;
  panel.open = true;
  bringIntoSight(panel, shell.side, true);
}
