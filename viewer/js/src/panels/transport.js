/** Time: play, scrub, step, loop, and whether the map is of a moment or of a span. */

import { beatSpan } from "../map.js";
import { marksOf } from "../leads/clocks.js";
import { ribbonOf } from "./clusters.js";
import { button, buttons, figure, h, select, setAttribute, slider, write } from "./dom.js";
import { partOf, PARTS, timeWords, waveAt } from "./words.js";

const SPEEDS = [0.02, 0.05, 0.1, 0.25, 0.5, 1];

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
  shell.transport.append(
    ...timeRow(context),
    h("div", { class: "ecg-wide ecg-row" }, ...playChoices(context), ...spanChoices(context)),
  );
}

const STEPS = [-10, -1, 1, 10];

/** @param {import("./context.js").Context} context */
function playButtons({ payload, state, follow }) {
  const play = button("▶", () => togglePlay(state), { class: "ecg-main ecg-play" });
  follow(["playing"], ({ playing }) => {
    write(play, playing ? "❚❚" : "▶");
    setAttribute(play, "aria-label", playing ? "Pause" : "Play");
  });
  const steps = STEPS.map((by) => {
    const words = `${Math.abs(by)} ms ${by > 0 ? "later" : "earlier"}`;
    return button(figure(by, 0, true), () => step(payload, state, by), { "aria-label": words, title: words });
  });
  return h("div", { class: "ecg-row" }, play, ...steps);
}

/** @param {import("./context.js").Context} context */
function timeRow(context) {
  const { payload, state, follow } = context;
  const [first, last] = beatSpan(payload);
  const scrub = slider("Time from the R peak", [first, last, 1], (t_ms) =>
    state.set({ t_ms, mode: "instant", playing: false }),
  );
  const band = h("div", { class: "ecg-bandwidth", "aria-hidden": "true" });
  const ticks = h("div", { class: "ecg-ticks", "aria-hidden": "true" }, ...tickMarks(payload, first, last));
  const time = h("output", { class: "ecg-time ecg-figure" });
  const wave = h("span", { class: "ecg-soft ecg-wave" });
  follow(["t_ms", "playing"], ({ t_ms, playing }) => {
    const [when, part] = [timeWords(t_ms), waveAt(payload.meta.fiducials_ms, t_ms)];
    scrub.value = String(t_ms);
    write(time, when);
    write(wave, part);
    if (!playing) setAttribute(scrub, "aria-valuetext", `${when}, ${part}`);
  });
  follow(["mode", "interval_ms"], (view) => {
    const [from, to] = (view.interval_ms ?? [first, last]).map(
      (/** @type {number} */ t) => (100 * (t - first)) / (last - first),
    );
    const bar = h("i", { style: `left:${from}%;width:${to - from}%` });
    band.replaceChildren(...(view.mode === "integral" ? [bar] : []));
  });
  const range = h("div", {}, h("div", { class: "ecg-scrub" }, ticks, scrub, band), ribbonOf(context));
  return [playButtons(context), range, h("div", { class: "ecg-row" }, time, wave)];
}

/** Names of the waves above the range, where there is room. @param {any} payload @param {number} first @param {number} last */
function tickMarks(payload, first, last) {
  return marksOf(payload.meta.fiducials_ms).flatMap(({ name, t_ms, end }) => {
    const left = `left:${(100 * (t_ms - first)) / (last - first)}%`;
    return [h("i", { style: left }), ...(end ? [] : [h("span", { style: left }, name)])];
  });
}

/** @type {[string, string][]} */
const LOOPS = [
  ["beat", "whole beat"],
  ["QRS", "QRS"],
  ["ST", "ST"],
  ["T", "T"],
];
const SPEED_OPTIONS = SPEEDS.map((x) => /** @type {[string, string]} */ ([String(x), `${x}×`]));
const soft = (/** @type {string} */ words) => h("span", { class: "ecg-soft" }, words);

/** @param {import("./context.js").Context} context */
function playChoices({ state, follow }) {
  const speed = select(SPEED_OPTIONS, (value) => state.set({ speed: Number(value) }), {
    "aria-label": "Speed, of real time",
  });
  const loop = select(LOOPS, (value) => state.set({ loop: value }), {
    "aria-label": "Part of the beat that is played",
  });
  follow(["speed", "loop"], (view) => {
    const nearest = SPEEDS.reduce((best, x) => (Math.abs(x - view.speed) < Math.abs(best - view.speed) ? x : best));
    speed.value = String(nearest);
    loop.value = view.loop;
  });
  return [soft("Play"), loop, soft("at"), speed];
}

/** @type {[string, string, string][]} */
const MODES = [
  ["instant", "Moment", "The map at the cursor (I)"],
  ["integral", "Sum over", "The map summed over a span of the beat (I)"],
];

/** Whether the map is of a moment or of a span, and which. @param {import("./context.js").Context} context */
function spanChoices(context) {
  const { payload, state, follow } = context;
  const { fiducials_ms } = payload.meta;
  const mode = buttons("What the map shows", MODES, (value) => state.set({ mode: value, playing: false }));
  const parts = PARTS.filter((name) => partOf(fiducials_ms, name));
  const named = ["beat", ...parts].map(
    (name) => /** @type {[string, string]} */ ([name, name === "beat" ? "Beat" : name]),
  );
  const spans = buttons("Span", named, (name) => sumOver(payload, state, name));
  follow(["mode", "interval_ms"], (view) => {
    mode.show(view.mode);
    const same = (/** @type {string} */ name) => String(partOf(fiducials_ms, name)) === String(view.interval_ms);
    const match = view.interval_ms ? parts.find(same) : "beat";
    spans.show(view.mode === "integral" ? (match ?? "") : "");
  });
  return [
    h("span", { class: "ecg-push" }),
    soft("Map of"),
    mode.element,
    spans.element,
    ...spanEnds(context),
    soft("ms"),
  ];
}

/** The ends of the span as numbers. @param {import("./context.js").Context} context */
function spanEnds({ payload, state, follow }) {
  const whole = beatSpan(payload);
  const [min, max] = whole;
  const read = () => {
    const given = ends.map((end, i) => (end.value === "" ? whole[i] : Number(end.value)));
    const interval_ms = [Math.max(min, Math.min(...given)), Math.min(max, Math.max(...given))];
    state.set({ mode: "integral", interval_ms, playing: false });
  };
  const end = (/** @type {string} */ words) =>
    h("input", { type: "number", min, max, step: 1, "aria-label": words, onchange: read });
  const ends = [end("Span from, ms from R"), end("Span to, ms from R")];
  follow(["interval_ms"], (view) => {
    const span = view.interval_ms ?? whole;
    ends.forEach((input, i) => (input.value = String(Math.round(span[i]))));
  });
  return ends;
}
