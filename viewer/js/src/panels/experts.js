/** Experts against the model: who marked what, and how far the map agrees at the chosen threshold. */

import { STYLES } from "../leads/brackets.js";
import { buttons, check, figure, h, s, setAttribute, write } from "./dom.js";
import { agreement, fractionOf, scoredMap, thresholdForSize } from "./agreement.js";
import { MAP_KEYS, section } from "./context.js";
import { brief } from "./display.js";
import { isAmount, isDifference } from "./region_values.js";
import { mapWords, percent, whenWords } from "./words.js";

const PARTS = /** @type {[string, string, string][]} */ ([
  ["dice", "Dice", "Twice the common area over the sum of both"],
  ["precision", "Precision", "Part of what the map marks that is annotated"],
  ["recall", "Recall", "Part of what is annotated that the map marks"],
]);

/** A short line in the style of a provenance. @param {string} provenance */
function sample(provenance) {
  const style = /** @type {any} */ (STYLES)[provenance] ?? STYLES.derived;
  const line = s("line", {
    x1: 1,
    x2: 29,
    y1: 4,
    y2: 4,
    "stroke-width": 3,
    "stroke-dasharray": style.dash.join(" ") || null,
  });
  return s(
    "svg",
    { viewBox: "0 0 30 8", "aria-hidden": "true", style: `--light:${style.light};--dark:${style.dark}` },
    line,
  );
}

/** @type {[string, string][]} */
const COMPARE = [
  ["none", "off"],
  ["contour", "contour"],
  ["side", "side by side"],
];

/** @param {import("./context.js").Context} context */
export function createExperts(context) {
  const { payload, state, follow } = context;
  const annotations = payload.meta.annotations ?? [];
  const made = section("Expert against model", { open: annotations.length > 0, key: "experts" });
  if (annotations.length > 0) {
    const compare = buttons("Compare", COMPARE, (value) => state.set({ compare: value }));
    follow(["compare"], (view) => compare.show(view.compare));
    const list = raters(annotations, state);
    made.body.append(list.element, compare.element, scoresOf(context, made, list), ...fixed(payload));
  } else {
    made.body.append(h("p", { class: "ecg-soft" }, "No annotation of this label in this recording yet."));
  }
  made.body.append(...credible(context));
  follow(["blind"], (view) => {
    made.body.hidden = Boolean(view.blind);
    if (view.blind) made.says("hidden");
  });
  return made.element;
}

/**
 * The scores of the chosen annotation, live; those of the others go into the list.
 *
 * @param {import("./context.js").Context} context
 * @param {ReturnType<typeof section>} made
 * @param {ReturnType<typeof raters>} list
 */
function scoresOf({ payload, trail }, made, list) {
  const scores = PARTS.map(([, words, title]) =>
    h("div", { title }, h("b", { class: "ecg-figure" }), h("span", { class: "ecg-soft ecg-small" }, words)),
  );
  const gauge = h("div", { class: "ecg-gauge", role: "img" });
  const note = h("p", { class: "ecg-small" });
  const rule = h("p", { class: "ecg-soft ecg-small" });
  const live = h("div", { class: "ecg-bare" }, h("div", { class: "ecg-scores" }, ...scores), gauge, note, rule);
  const show = (/** @type {any} */ view) => {
    const hidden = view.blind || isAmount(view);
    const scored = hidden ? null : scoredMap(payload, view);
    const of = (/** @type {any} */ one) => scored && compared(payload, scored, one, view.threshold);
    list.score((one) => of(one)?.dice ?? null);
    const found = of(payload.meta.annotations[view.mask]);
    live.hidden = !found;
    made.says(view.blind ? "hidden" : found ? `Dice ${figure(found.dice, 2)}` : "");
    if (!found) return;
    PARTS.forEach(([key], i) => write(scores[i].firstElementChild, figure(/** @type {any} */ (found)[key], 2)));
    showGauge(gauge, found);
    write(note, chanceWords(found));
    write(rule, ruleWords(payload, view));
  };
  const ask = trail([...MAP_KEYS, "threshold", "mask"], show, made.isOpen);
  made.onOpen(ask);
  return live;
}

/** What chance would give beside a score. @param {import("./agreement.js").Agreement} found */
function chanceWords({ all_positive, random, truth, found }) {
  const chance = `Marking everything scores ${figure(all_positive, 2)}, a random region of the same size ${figure(random, 2)}`;
  return `${chance}; annotated are ${percent(truth)} of the ventricles, found ${percent(found)}.`;
}

/** @type {Record<string, string>} */
const SIGNS = { signed: "for and against together", for: "for alone", against: "against alone" };

/** How the map was made a region. @param {any} payload @param {any} view */
function ruleWords(payload, view) {
  const sign = isDifference(view) ? "" : `, evidence ${SIGNS[view.sign]}`;
  const when = `${mapWords(payload, view)}${sign}, ${whenWords(payload, view)}`;
  if (view.threshold) return `Threshold ${brief(view.threshold)}, ${when}.`;
  const rule = `No threshold chosen: the densest region of the annotation’s own size, ${when}`;
  return `${rule}. That tells the map how much to mark, so it is optimistic.`;
}

/**
 * Agreement of the map with one annotation, at the view's threshold or at the annotation's size.
 *
 * @param {any} payload
 * @param {ReturnType<typeof scoredMap>} scored
 * @param {any} annotation
 * @param {number|null} threshold
 */
export function compared(payload, { values, areas }, annotation, threshold) {
  const mask = payload.arrays[annotation?.mask];
  if (!mask) return null;
  const at = threshold ?? thresholdForSize(values, areas, fractionOf(mask, areas));
  return agreement(values, mask, areas, at);
}

/** The raters as a choice of one. @param {any[]} annotations @param {any} state */
function raters(annotations, state) {
  const name = `ecg-rater-${Math.random().toString(36).slice(2)}`;
  const rows = annotations.map((one, i) => {
    const input = h("input", { type: "radio", name, onchange: () => state.set({ mask: i }) });
    const score = h("span", { class: "ecg-figure", title: "Dice" });
    const words = h(
      "span",
      {},
      one.rater,
      " ",
      h("span", { class: "ecg-soft ecg-small" }, `${one.provenance}, ${one.label}${one.mask ? "" : ", leads only"}`),
    );
    const title = [one.note, `confidence ${percent(one.confidence)}`, one.state].filter(Boolean).join("; ");
    return { one, input, score, row: h("label", { title }, input, sample(one.provenance), words, score) };
  });
  const element = h(
    "div",
    { class: "ecg-raters", role: "radiogroup", "aria-label": "Annotation" },
    ...rows.map(({ row }) => row),
  );
  const show = () => rows.forEach(({ input }, i) => (input.checked = state.get().mask === i));
  show();
  return {
    element,
    score(/** @type {(one: any) => number|null} */ dice) {
      show();
      for (const { one, score } of rows) {
        const value = dice(one);
        write(score, value === null ? "" : figure(value, 2));
      }
    },
  };
}

/** Dice on a rail with what chance gives. @param {HTMLElement} element @param {import("./agreement.js").Agreement} found */
function showGauge(element, found) {
  element.replaceChildren(
    h("div", { class: "ecg-rail" }, h("i", { style: `width:${100 * found.dice}%` })),
    h("div", { class: "ecg-tick", style: `left:${100 * found.all_positive}%`, title: "marking everything" }),
    h("div", {
      class: "ecg-tick ecg-dashed",
      style: `left:${100 * found.random}%`,
      title: "random region of the same size",
    }),
  );
  setAttribute(
    element,
    "aria-label",
    `Dice ${figure(found.dice, 2)}; marking everything ${figure(found.all_positive, 2)}, random ${figure(found.random, 2)}`,
  );
}

/** Scores by the rule that was fixed beforehand, as Python gives them. @param {any} payload */
function fixed({ meta }) {
  const shown = (meta.scores ?? []).filter((/** @type {any} */ score) => Number.isFinite(score.dice));
  if (shown.length === 0) return [];
  const lines = shown.map((/** @type {any} */ score) => {
    const beside = Object.entries(score.baselines ?? {})
      .map(([name, dice]) => `${name} ${figure(Number(dice), 2)}`)
      .join(", ");
    return h(
      "p",
      { class: "ecg-small" },
      `${score.rater}: Dice ${figure(score.dice, 2)}${beside ? ` beside ${beside}` : ""}.`,
    );
  });
  return [
    h("hr", { class: "ecg-divide" }),
    h("p", { class: "ecg-soft ecg-small" }, "By the rule fixed beforehand:"),
    ...lines,
  ];
}

/** What simulations know of the place of such a disease. @param {import("./context.js").Context} context */
function credible({ payload, state, follow }) {
  const region = payload.meta.credible;
  if (!region) return [];
  const words = region.stands_out
    ? `In four of five simulated recordings with such evidence, the ${region.family} lay within a region that takes ${percent(region.share)} of the ventricles.`
    : `Nine of ten normal simulated recordings look the same: no region of ${region.family} can be told.`;
  const parts = [h("hr", { class: "ecg-divide" }), h("p", { class: "ecg-small" }, words)];
  if (!payload.arrays.credible || !region.stands_out) return parts;
  const outline = check("outline it on the heart", (on) => state.set({ credible: on }));
  follow(["credible"], (view) => (outline.box.checked = Boolean(view.credible)));
  return [...parts, outline.element];
}
