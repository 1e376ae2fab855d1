/** The picked place: its segment, its course over the beat, the leads that feed it. */

import {
  beatSpan,
  coefficients,
  mapValues,
  perMoment,
  rank,
  regionBasis,
  regionSeries,
  samples,
  vertexSeries,
} from "../map.js";
import { LEADS } from "../leads/layouts.js";
import { bringIntoSight, button, figure, h, s, setAttribute, write } from "./dom.js";
import { MAP_KEYS, section } from "./context.js";
import { pickedRegion } from "./bullseye.js";
import { feeding } from "./feeding.js";
import { isAmount, isDifference, evidenceByRegion, sharesOf } from "./region_values.js";
import { percent, timeWords, unitWords, whenWords } from "./words.js";

const [WIDTH, HEIGHT] = [260, 58];

/** Territory of a region, if any. @param {any} meta @param {number} code */
const territoryOf = (meta, code) =>
  Object.keys(meta.territories ?? {}).find((name) => meta.territories[name].includes(code));

/** Area under a course as one path, above or below zero. @param {ArrayLike<number>} course @param {number} top @param {1|-1} side */
export function areaPath(course, top, side) {
  const n = course.length;
  const middle = HEIGHT / 2;
  const points = Array.from(course, (value, i) => {
    const y = middle - (Math.max(0, side * value) / top) * side * (middle - 2);
    return `${((WIDTH * i) / (n - 1)).toFixed(1)} ${y.toFixed(1)}`;
  });
  return `M 0 ${middle} L ${points.join(" L ")} L ${WIDTH} ${middle} Z`;
}

/** Where in time a course is largest; null where it is nothing. @param {any} payload @param {Float32Array} course */
function peakOf(payload, course) {
  const [first, last] = beatSpan(payload);
  const top = course.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const at = top > 0 ? course.findIndex((value) => Math.abs(value) === top) : -1;
  return { top: top || 1, t_ms: at < 0 ? null : first + (at * (last - first)) / (samples(payload) - 1) };
}

/** @param {any} payload @param {any} state */
function sparkline(payload, state) {
  const [first, last] = beatSpan(payload);
  const [positive, negative] = [s("path", { class: "ecg-pos" }), s("path", { class: "ecg-neg" })];
  const now = s("line", { class: "ecg-now", y1: 0, y2: HEIGHT });
  const zero = s("line", { class: "ecg-zero", x1: 0, x2: WIDTH, y1: HEIGHT / 2, y2: HEIGHT / 2 });
  const frame = { class: "ecg-spark", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img" };
  const element = s("svg", frame, zero, positive, negative, now);
  element.addEventListener("click", (/** @type {MouseEvent} */ event) => {
    const box = element.getBoundingClientRect();
    const t_ms = first + ((event.clientX - box.left) / box.width) * (last - first);
    state.set({ t_ms, mode: "instant", playing: false });
  });
  return {
    element,
    show(/** @type {Float32Array} */ course) {
      const { top, t_ms } = peakOf(payload, course);
      setAttribute(positive, "d", areaPath(course, top, 1));
      setAttribute(negative, "d", areaPath(course, top, -1));
      setAttribute(
        element,
        "aria-label",
        `Evidence over the beat${t_ms === null ? "" : `, largest at ${timeWords(t_ms)}`}`,
      );
      return t_ms;
    },
    move(/** @type {number} */ t_ms) {
      const x = (WIDTH * (t_ms - first)) / (last - first);
      setAttribute(now, "x1", x);
      setAttribute(now, "x2", x);
    },
  };
}

/** Beams of the leads that feed the place, largest first. @param {HTMLElement} element @param {Float64Array} found @param {any} state */
function showFeeding(element, found, state) {
  const order = Array.from(found, (_, i) => i)
    .sort((a, b) => Math.abs(found[b]) - Math.abs(found[a]))
    .slice(0, 6);
  const top = Math.abs(found[order[0]]) || 1;
  const digits = Math.min(6, Math.max(2, 2 - Math.floor(Math.log10(top))));
  element.replaceChildren(
    ...order.flatMap((i) => {
      const part = (50 * Math.abs(found[i])) / top;
      const style = `width:${part}%;left:${found[i] < 0 ? 50 - part : 50}%;background:var(${found[i] < 0 ? "--ecg-against" : "--ecg-for"})`;
      const choose = () => state.set({ lead_pick: { lead: LEADS[i], t_ms: state.get().t_ms } });
      return [
        button(LEADS[i], choose, { title: `Show what ${LEADS[i]} alone brings` }),
        h("div", { class: "ecg-beam", "aria-hidden": "true" }, h("i", { style })),
        h("span", { class: "ecg-figure" }, figure(found[i], digits, true)),
      ];
    }),
  );
}

/** What is known of a pick: name, its evidence, its part of the whole. @param {any} payload @param {any} view */
export function pickedFacts(payload, view) {
  const { meta, arrays } = payload;
  const code = pickedRegion(payload, view.pick);
  if (code < 0) return null;
  const { vertex } = view.pick;
  const whole = vertex === null || vertex === undefined;
  const row = whole
    ? regionBasis(payload)[code]
    : arrays.basis.subarray(vertex * rank(payload), (vertex + 1) * rank(payload));
  const amount = isAmount(view);
  const share = sharesOf(evidenceByRegion(payload, amount || isDifference(view) ? view : { ...view, sign: "for" }))[code];
  const coefs = amount ? null : coefficients(payload, view);
  let value = 0;
  if (coefs) for (let k = 0; k < coefs.length; k++) value += row[k] * coefs[k];
  else value = whole ? evidenceByRegion(payload, view)[code] : mapValues(payload, view)[vertex];
  if (!amount) value *= perMoment(payload, view);
  const density = whole ? null : arrays.areas[vertex] > 0 ? (100 * value) / arrays.areas[vertex] : 0;
  const number = code < 17 ? `segment ${code + 1}` : null;
  const place = [number, territoryOf(meta, code), whole ? null : `vertex ${vertex}`].filter(Boolean).join(", ");
  return { code, whole, vertex, row, value, density, share, name: meta.regions[code], place };
}

/** Its evidence in a sentence. @param {any} payload @param {any} view @param {NonNullable<ReturnType<typeof pickedFacts>>} found */
function factWords(payload, view, found) {
  const [unit, { label }] = [unitWords(payload, view), payload.meta];
  const amount = isAmount(view);
  const per = `${found.density === null ? "" : " per cm²"}${view.mode === "instant" && !amount ? " per 10 ms" : ""}`;
  const own = `${figure(found.density ?? found.value, 4, !amount)} ${unit}${per} ${whenWords(payload, view)}`;
  const evidence = isDifference(view) ? "all differences" : `the evidence for ${label}`;
  const whole = amount ? `the ${view.map}` : evidence;
  return `${own}; its region holds ${percent(found.share, 1)} of ${whole}.`;
}

/**
 * What the leads bring to it, in the unit of its own evidence.
 *
 * @param {any} payload @param {any} view @param {NonNullable<ReturnType<typeof pickedFacts>>} found
 */
function leadsOf(payload, view, found) {
  const area = found.whole ? 100 : payload.arrays.areas[found.vertex] || Infinity;
  const per = (100 / area) * perMoment(payload, view);
  return feeding(payload, view, (k) => found.row[k] * per);
}

const FEED_SAYS = "Leads that feed it, by the modality of leads, in the same unit:";

/** The words and drawings of a pick. @param {import("./context.js").Context} context */
function sheetOf({ payload, state }) {
  const [name, place] = [h("span", { class: "ecg-strong" }), h("span", { class: "ecg-soft ecg-small" })];
  const [facts, peak] = [h("p", { class: "ecg-small" }), h("p", { class: "ecg-soft ecg-small" })];
  const feed_says = h("p", { class: "ecg-soft ecg-small" }, FEED_SAYS);
  const feed = h("div", { class: "ecg-feed" });
  const spark = sparkline(payload, state);
  const clear = button("Clear", () => state.set({ pick: null }), { class: "ecg-plain" });
  const head = h("div", { class: "ecg-row" }, name, place, clear);
  const ask = button("Show the leads that feed it", () => state.set({ lead_wanted: { lead: null } }));
  const element = h("div", { class: "ecg-bare" }, head, facts, spark.element, peak, feed_says, feed, ask);
  const show = (/** @type {any} */ view, /** @type {NonNullable<ReturnType<typeof pickedFacts>>} */ found) => {
    write(name, found.name);
    write(place, found.place);
    write(facts, factWords(payload, view, found));
    const linear = isAmount(view) ? { ...view, map: "average" } : view;
    const { whole, code, vertex } = found;
    const t = spark.show(whole ? regionSeries(payload, linear, code) : vertexSeries(payload, linear, vertex));
    write(peak, t === null ? "" : `Over the beat: largest at ${timeWords(t)}.`);
    const leads = leadsOf(payload, view, found);
    feed.hidden = feed_says.hidden = !leads;
    ask.hidden = Boolean(leads) || !view.asking;
    ask.disabled = Boolean(view.lead_wanted);
    if (leads) showFeeding(feed, leads, state);
  };
  return { element, show, move: spark.move };
}

/** @param {import("./context.js").Context} context */
export function createPicked(context) {
  const { payload, shell, trail, follow } = context;
  const made = section("Picked place", { key: "picked" });
  const hint = h("p", { class: "ecg-soft ecg-small" }, "Click the heart, the bull’s-eye or a row of the table.");
  const sheet = sheetOf(context);
  made.body.append(hint, sheet.element);
  const show = (/** @type {any} */ view) => {
    const found = view.blind ? null : pickedFacts(payload, view);
    sheet.element.hidden = !found;
    hint.hidden = Boolean(found);
    made.says(found?.name ?? "");
    if (found) sheet.show(view, found);
  };
  const ask = trail([...MAP_KEYS, "pick", "lead_wanted"], show, made.isOpen);
  made.onOpen(ask);
  follow(["t_ms"], (view) => sheet.move(view.t_ms));
  follow(["pick"], (view) => {
    if (!view.pick) return;
    made.element.open = true;
    // its words come a moment later and make it taller
    requestAnimationFrame(() => bringIntoSight(made.element, shell.side, false));
  });
  return made.element;
}
