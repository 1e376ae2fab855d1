/** Moments that the network tells apart: a ribbon along the beat and a list, each cluster alone on the heart by a click. */

import { clusterOf, samples } from "../map.js";
import { section } from "./context.js";
import { button, figure, h } from "./dom.js";
import { percent } from "./words.js";

/**
 * Stretches of the beat that belong to one cluster.
 *
 * @param {number[]} beat cluster of each sample
 * @returns {{card: number, first: number, last: number}[]} `last` is the last sample of the stretch
 */
export function stretchesOf(beat) {
  /** @type {{card: number, first: number, last: number}[]} */
  const found = [];
  beat.forEach((card, i) => {
    const before = found[found.length - 1];
    if (before?.card === card) before.last = i;
    else found.push({ card, first: i, last: i });
  });
  return found;
}

/** Show a cluster alone, summed over the beat, or all again where it is shown already. @param {any} payload @param {any} state @param {number} card */
export function toggleCluster(payload, state, card) {
  const { number } = payload.meta.clusters.clusters[card];
  if (clusterOf(payload, state.get()) === card) state.set({ cluster: null });
  else state.set({ cluster: number, mode: "integral", interval_ms: null, playing: false });
}

/** What changes which cluster is shown. */
const KEYS = ["cluster", "mode", "map", "blind"];

/** The ribbon on the time axis of the beat; null without clusters. @param {import("./context.js").Context} context */
export function ribbonOf({ payload, state, follow }) {
  const held = payload.meta.clusters;
  if (!held) return null;
  const top = samples(payload) - 1;
  const at = (/** @type {number} */ sample) => (100 * Math.min(top, Math.max(0, sample))) / top;
  const parts = stretchesOf(held.beat).map(({ card, first, last }) => {
    const [left, right] = [at(first - 0.5), at(last + 0.5)];
    const { name, colour } = held.clusters[card];
    const style = `left:${left}%;width:${right - left}%;background:${colour}`;
    const choose = () => toggleCluster(payload, state, card);
    return { card, element: h("i", { style, title: `${name}: show on the heart`, onclick: choose }) };
  });
  // the list of the panel does the same for the keyboard and for readers of the screen
  const ribbon = h("div", { class: "ecg-ribbon", "aria-hidden": "true" }, ...parts.map(({ element }) => element));
  follow(KEYS, (view) => {
    const shown = clusterOf(payload, view);
    ribbon.hidden = Boolean(view.blind);
    for (const { card, element } of parts) element.classList.toggle("ecg-dim", shown >= 0 && card !== shown);
  });
  return ribbon;
}

const SAYS =
  "Moments in which the network's layers say alike. Weight: the evidence inside them in the whole recording; " +
  "together they are the logit less its bias. Click one to see its part of the median beat on the heart.";

/** The list of clusters, those of most weight first; null without clusters. @param {import("./context.js").Context} context */
export function createClusters({ payload, state, follow }) {
  const held = payload.meta.clusters;
  if (!held) return null;
  const made = section("Moments", { key: "clusters" });
  const order = held.clusters
    .map((/** @type {any} */ one, /** @type {number} */ card) => ({ ...one, card }))
    .sort((/** @type {any} */ a, /** @type {any} */ b) => Math.abs(b.weight) - Math.abs(a.weight));
  const rows = order.map((/** @type {any} */ { card, name, wave, colour, time, weight }) => {
    const absent = !held.beat.includes(card);
    const title = absent ? "Not in the median beat" : `Show ${name}, mostly ${wave}, alone on the heart`;
    const chip = h("i", { style: `background:${colour}`, "aria-hidden": "true" });
    const words = [name, wave, percent(time, 1), figure(weight, 2, true)].map((word, i) =>
      h("span", { class: i > 1 ? "ecg-figure" : i ? "ecg-soft" : "ecg-name" }, word),
    );
    const element = button(chip, () => toggleCluster(payload, state, card), { title, disabled: absent });
    element.append(...words);
    return { card, element };
  });
  const head = h("div", { class: "ecg-moments-head ecg-soft ecg-small", "aria-hidden": "true" });
  head.append(...["", "name", "wave", "time", payload.meta.unit].map((word) => h("span", {}, word)));
  const list = h("div", { class: "ecg-moments" }, head, ...rows.map((/** @type {any} */ row) => row.element));
  made.body.append(list, h("p", { class: "ecg-soft ecg-small" }, SAYS));
  follow(KEYS, (view) => {
    const shown = clusterOf(payload, view);
    for (const { card, element } of rows) element.setAttribute("aria-pressed", String(card === shown));
    made.body.hidden = Boolean(view.blind);
    made.says(view.blind ? "hidden" : (held.clusters[shown]?.name ?? `${rows.length} clusters`));
  });
  return made.element;
}
