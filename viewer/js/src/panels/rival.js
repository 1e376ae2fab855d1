/** The model against a rival on the same beat and heart: which is shown, and how far the two agree. */

import { inShares, LESS, modelAndRival, RIVAL, shareFactor } from "../shares.js";
import { agreement, scoredMap, thresholdForSize } from "./agreement.js";
import { MAP_KEYS, section } from "./context.js";
import { brief } from "./display.js";
import { buttons, figure, h, write } from "./dom.js";
import { isAmount } from "./region_values.js";
import { percent, whenWords } from "./words.js";

/** Part of the ventricles that each map marks where no threshold was chosen. */
const MARKED = 0.2;

/** @type {[string, string, string][]} */
const SHOWN = [
  ["average", "model", "The model’s map (G)"],
  [RIVAL, "rival", "The rival’s map (G)"],
  [LESS, "difference", "Model less rival, each as percent of its own evidence (G)"],
  ["side", "side by side", "Model and rival with one camera (V)"],
];

/** Show one of them, or both. @param {any} state @param {string} what */
function choose(state, what) {
  if (what === "side") state.set({ compare: "rival", lead_pick: null });
  else state.set({ map: what, lead_pick: null, ...(state.get().compare === "rival" ? { compare: "none" } : {}) });
}

/**
 * Pearson's correlation of two maps, each place counted by its area.
 *
 * @param {ArrayLike<number>} one @param {ArrayLike<number>} other @param {ArrayLike<number>} areas
 * @returns {number} NaN where a map is the same everywhere
 */
export function correlation(one, other, areas) {
  let [all, a, b, aa, bb, ab] = [0, 0, 0, 0, 0, 0];
  for (let v = 0; v < areas.length; v++) {
    const [w, x, y] = [areas[v], one[v], other[v]];
    all += w;
    a += w * x;
    b += w * y;
    aa += w * x * x;
    bb += w * y * y;
    ab += w * x * y;
  }
  return (all * ab - a * b) / Math.sqrt((all * aa - a * a) * (all * bb - b * b));
}

/** The view's threshold in percent of each map's evidence; null where none was chosen or it is of another amount. @param {any} payload @param {any} view */
export function sharedThreshold(payload, view) {
  if (!view.threshold || (isAmount(view) && view.compare !== "rival")) return null;
  if (view.compare === "rival" || inShares(view)) return view.threshold;
  return view.threshold * shareFactor(payload, view.map === RIVAL ? "rival" : "model");
}

/**
 * How model and rival agree in what a view looks at: sign, moment or span, threshold.
 *
 * @param {any} payload @param {any} view
 * @returns {{r: number, dice: number, found: [number, number], threshold: number|null}}
 *   `found` is the part of the ventricles that model and rival mark.
 */
export function rivalry(payload, view) {
  const [model, rival] = modelAndRival(payload, { ...view, lead_pick: null }).map((one) => scoredMap(payload, one));
  const { areas } = model;
  const way = view.sign === "against" ? -1 : 1;
  const [own, other] = [model, rival].map(({ values }) => values.map((value) => way * value));
  const threshold = sharedThreshold(payload, view);
  const [a, b] = [own, other].map((values) => threshold ?? thresholdForSize(values, areas, MARKED));
  const { dice, found, truth } = agreement(own, Uint8Array.from(other, (value) => +(value >= b)), areas, a);
  return { r: correlation(own, other, areas), dice, found: [found, truth], threshold };
}

/** Who the rival is and what it says. @param {any} meta */
function factWords({ rival, logit, bias, label }) {
  const of = (/** @type {number} */ value) => figure(value, 2, true);
  const title = rival.title[0].toUpperCase() + rival.title.slice(1);
  const sum = rival.conserved ? "its evidence and bias sum to its logit" : "its evidence and bias do not sum to its logit";
  return (
    `${title}. Logit for ${label} ${of(rival.logit)}, of which bias ${of(rival.bias)}; ${sum}. ` +
    `The model: ${of(logit)}, bias ${of(bias)}.`
  );
}

/** How the two were made regions. @param {any} payload @param {any} view @param {ReturnType<typeof rivalry>} found */
function ruleWords(payload, view, { threshold, found }) {
  const when = whenWords(payload, { ...view, map: "average" });
  const marked = `model marks ${percent(found[0])} of the ventricles, rival ${percent(found[1])}`;
  const rule = threshold
    ? `Dice at ${brief(threshold)} % of each map per cm², ${when}`
    : `No threshold chosen: Dice of the densest ${percent(MARKED)} of each map, ${when}`;
  return `${rule}; ${marked}. A network that reads better need not agree.`;
}

/** The panel; null without a rival. @param {import("./context.js").Context} context */
export function createRival({ payload, state, follow, trail }) {
  const { meta } = payload;
  if (!meta.rival) return null;
  const made = section("Model against rival", { open: true, key: "rival" });
  const shown = buttons("Show", SHOWN, (what) => choose(state, what));
  const scores = ["correlation", "Dice"].map((words) =>
    h("div", {}, h("b", { class: "ecg-figure" }), h("span", { class: "ecg-soft ecg-small" }, words)),
  );
  const rule = h("p", { class: "ecg-soft ecg-small" });
  const facts = h("p", { class: "ecg-small" }, factWords(meta));
  made.body.append(shown.element, h("div", { class: "ecg-scores" }, ...scores), rule, facts);
  follow(["map", "compare", "blind"], (view) => {
    shown.show(view.compare === "rival" ? "side" : view.map);
    made.body.hidden = Boolean(view.blind);
  });
  const show = (/** @type {any} */ view) => {
    if (view.blind) return made.says("hidden");
    const found = rivalry(payload, view);
    write(scores[0].firstElementChild, figure(found.r, 2));
    write(scores[1].firstElementChild, figure(found.dice, 2));
    write(rule, ruleWords(payload, view, found));
    made.says(`r ${figure(found.r, 2)}, Dice ${figure(found.dice, 2)}`);
  };
  const ask = trail([...MAP_KEYS, "threshold", "compare"], show, made.isOpen);
  made.onOpen(ask);
  return made.element;
}
