/** Time: play, scrub, step, loop, and whether the map is of a moment or of a span. */

import { beatSpan } from "../map.js";
import { marksOf } from "../leads/clocks.js";
import { button, buttons, h, select, setAttribute, write } from "./dom.js";
import { partOf, timeWords, waveAt } from "./words.js";

const SPEEDS = [0.02, 0.05, 0.1, 0.25, 0.5, 1];
const SPANS = ["beat", "P", "QRS", "ST", "T"];

/** Move the time by a step, kept within the beat, and show that moment. @param {any} payload @param {any} state @param {number} by_ms */
export function step(payload, state, by_ms) {
  const [first, last] = beatSpan(payload);
  const t_ms = Math.min(last, Math.max(first, Math.round(state.get().t_ms) + by_ms));
  state.set({ t_ms, mode: "instant", playing: false });
}

/** Go to the next or the previous wave marker. @param {any} payload @param {any} state @param {1|-1} way */
export function jump(payload, state, way) {
  const times = marksOf(payload.meta.fiducials_ms).map((mark) => mark.t_ms);
  const now = state.get().t_ms;
  const next = way > 0 ? times.find((t) => t > now + 0.5) : times.reverse().find((t) => t < now - 0.5);
  if (next !== undefined) state.set({ t_ms: next, mode: "instant", playing: false });
}

/** Start or stop; playing always shows moments. @param {any} state */
export function togglePlay(state) {
  const playing = !state.get().playing;
  state.set(playing ? { playing, mode: "instant" } : { playing });
}

/** Sum the map over a part of the beat. @param {any} payload @param {any} state @param {string} name */
export function sumOver(payload, state, name) {
  const span = name === "beat" ? null : partOf(payload.meta.fiducials_ms, name);
  state.set({ mode: "integral", interval_ms: span, playing: false });
}

/** @param {import("./context.js").Context} context */
export function createTransport(context) {
  const { shell } = context;
  shell.transport.append(...timeRow(context), h("div", { class: "ecg-wide ecg-row" }, ...playChoices(context), ...spanChoices(context)));
}

/** @param {import("./context.js").Context} context */
function timeRow({ payload, state, follow }) {
  const [first, last] = beatSpan(payload);
  const play = button("▶", () => togglePlay(state), { class: "ecg-main ecg-play" });
  const steps = [-10, -1, 1, 10].map((by) => button(by > 0 ? `+${by}` : `−${-by}`, () => step(payload, state, by), { "aria-label": `${Math.abs(by)} ms ${by > 0 ? "later" : "earlier"}` }));
  const scrub = h("input", {
    type: "range", min: first, max: last, step: 1, "aria-label": "Time from the R peak",
    oninput: () => state.set({ t_ms: Number(scrub.value), mode: "instant", playing: false }),
  });
  const band = h("div", { class: "ecg-bandwidth", "aria-hidden": "true" });
  const ticks = h("div", { class: "ecg-ticks", "aria-hidden": "true" }, ...tickMarks(payload, first, last));
  const time = h("output", { class: "ecg-time ecg-figure" });
  const wave = h("span", { class: "ecg-soft ecg-wave" });
  follow(["playing"], ({ playing }) => {
    write(play, playing ? "❚❚" : "▶");
    setAttribute(play, "aria-label", playing ? "Pause" : "Play");
  });
  follow(["t_ms", "playing"], ({ t_ms, playing }) => {
    const [when, part] = [timeWords(t_ms), waveAt(payload.meta.fiducials_ms, t_ms)];
    scrub.value = String(t_ms);
    write(time, when);
    write(wave, part);
    if (!playing) setAttribute(scrub, "aria-valuetext", `${when}, ${part}`);
  });
  follow(["mode", "interval_ms"], (view) => {
    const [from, to] = view.interval_ms ?? [first, last];
    const part = (/** @type {number} */ t) => (100 * (t - first)) / (last - first);
    band.replaceChildren();
    if (view.mode === "integral") band.append(h("i", { style: `left:${part(from)}%;width:${part(to) - part(from)}%` }));
  });
  return [
    h("div", { class: "ecg-row" }, play, ...steps),
    h("div", { class: "ecg-scrub" }, ticks, scrub, band),
    h("div", { class: "ecg-row" }, time, wave),
  ];
}

/** Names of the waves above the range, where there is room. @param {any} payload @param {number} first @param {number} last */
function tickMarks(payload, first, last) {
  return marksOf(payload.meta.fiducials_ms).flatMap(({ name, t_ms, end }) => {
    const left = `left:${(100 * (t_ms - first)) / (last - first)}%`;
    return [h("i", { style: left }), ...(end ? [] : [h("span", { style: left }, name)])];
  });
}

/** @param {import("./context.js").Context} context */
function playChoices({ state, follow }) {
  const speed = select(SPEEDS.map((x) => [String(x), `${x}×`]), (value) => state.set({ speed: Number(value) }), { "aria-label": "Speed, of real time" });
  const loop = select([["beat", "whole beat"], ["QRS", "QRS"], ["ST", "ST"], ["T", "T"]], (value) => state.set({ loop: value }), { "aria-label": "Part of the beat that is played" });
  follow(["speed"], (view) => {
    const nearest = SPEEDS.reduce((best, x) => (Math.abs(x - view.speed) < Math.abs(best - view.speed) ? x : best));
    speed.value = String(nearest);
  });
  follow(["loop"], (view) => {
    loop.value = view.loop;
  });
  return [h("span", { class: "ecg-soft" }, "Play"), loop, h("span", { class: "ecg-soft" }, "at"), speed];
}

/** @param {import("./context.js").Context} context */
function spanChoices({ payload, state, follow }) {
  const [first, last] = beatSpan(payload);
  const moment = buttons("What the map shows", [["instant", "Moment", "The map at the cursor (I)"], ["integral", "Sum over", "The map summed over a span of the beat (I)"]], (mode) => state.set({ mode, playing: false }));
  const known = SPANS.filter((name) => name === "beat" || partOf(payload.meta.fiducials_ms, name));
  const spans = buttons("Span", known.map((name) => [name, name === "beat" ? "Beat" : name]), (name) => sumOver(payload, state, name));
  const ends = ["from", "to"].map((which) => {
    const input = h("input", {
      type: "number", min: first, max: last, step: 1, "aria-label": `Span ${which}, ms from R`,
      onchange: () => {
        const [a, b] = ends.map((end, i) => (end.value === "" ? [first, last][i] : Number(end.value)));
        state.set({ mode: "integral", interval_ms: [Math.max(first, Math.min(a, b)), Math.min(last, Math.max(a, b))], playing: false });
      },
    });
    return input;
  });
  follow(["mode", "interval_ms"], (view) => {
    moment.show(view.mode);
    const match = known.find((name) => {
      const part = name === "beat" ? null : partOf(payload.meta.fiducials_ms, name);
      return part === null ? !view.interval_ms : view.interval_ms && part[0] === view.interval_ms[0] && part[1] === view.interval_ms[1];
    });
    spans.show(view.mode === "integral" ? (match ?? "") : "");
    const span = view.interval_ms ?? [first, last];
    ends.forEach((end, i) => (end.value = String(Math.round(span[i]))));
  });
  return [h("span", { class: "ecg-push", style: "margin-left:auto" }), h("span", { class: "ecg-soft" }, "Map of"), moment.element, spans.element, ...ends, h("span", { class: "ecg-soft" }, "ms")];
}
