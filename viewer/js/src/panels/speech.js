/** The view in one sentence: seen under the time, and read out once it has stood still. */

import { heartViews } from "../map.js";
import { figure, h, write } from "./dom.js";
import { MAP_KEYS } from "./context.js";
import { calliperWords } from "../leads/marks_above.js";
import { isAmount, isDifference, regionRows, sorted } from "./region_values.js";
import { rivalry } from "./rival.js";
import { mapWords, percent, unitWords, whenWords } from "./words.js";

const STILL_MS = 900;

/** Say what a view shows. @param {any} payload @param {any} view */
export function sentence(payload, view) {
  if (view.blind) return "The model is hidden until the reading is signed.";
  const rows = sorted(regionRows(payload, view), "share", false);
  const named = rows
    .slice(0, 3)
    .filter((row) => row.share > 0)
    .map((row) => `${row.region} ${percent(row.share)}`);
  const amount = isAmount(view);
  const whole = isDifference(view) ? "Largest differences" : `Most evidence for ${payload.meta.label}`;
  const what = amount ? `Most ${view.map}` : whole;
  const where = named.length ? named.join(", ") : "nowhere";
  const sum = rows.reduce((all, row) => all + row.positive + row.negative, 0);
  const total = amount
    ? ""
    : `; net ${figure(sum, 2, true)} ${unitWords(payload, view)}${view.mode === "instant" ? " per 10 ms" : ""}`;
  const map = view.map === "average" && !view.lead_pick ? "average" : mapWords(payload, view); // one line
  return `${what} ${whenWords(payload, view)}: ${where}${total} (${map}).`;
}

/** How the rival beside the model agrees, for those who do not see it; nothing where there is none. @param {any} payload @param {any} view */
export function besideWords(payload, view) {
  if (heartViews(payload, view).length < 2) return "";
  const { r, dice } = rivalry(payload, view);
  return ` Beside it the rival: correlation ${figure(r, 2)}, Dice ${figure(dice, 2)}.`;
}

/** @param {import("./context.js").Context} context */
export function createSpeech({ payload, state, shell, trail, follow }) {
  const seen = h("div", { class: "ecg-wide ecg-says ecg-small", "aria-hidden": "true" });
  const spoken = h("div", { class: "ecg-hidden", "aria-live": "polite" });
  shell.transport.append(seen, spoken);
  let timer = 0;
  trail([...MAP_KEYS, "compare", "threshold"], (view) => {
    const words = sentence(payload, view);
    write(seen, words);
    seen.title = words;
    clearTimeout(timer);
    if (!view.playing) timer = setTimeout(() => write(spoken, words + besideWords(payload, view)), STILL_MS);
  });
  follow(["measure"], ({ measure }) => {
    if (measure) write(spoken, `Callipers in ${measure.lead}: ${calliperWords(measure.ms, measure.mV)}`);
  });
  return () => clearTimeout(timer);
}
