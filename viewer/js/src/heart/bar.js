/** What the colours mean: a bar with values and unit, drawn from the same table as the heart. */

import { colourTable } from "../colormaps.js";
import { heartViews, LESS, mapValues, RIVAL } from "../map.js";
import { clusterWords, within } from "../panels/words.js";
import { isSigned, tableOf, unitOf } from "./range.js";

/** Short number for a tick. */
export function shortNumber(value) {
  if (value === 0) return "0";
  const size = Math.abs(value);
  const words = size >= 100 ? size.toFixed(0) : size >= 1e-4 ? String(Number(size.toPrecision(2))) : size.toExponential(0);
  return (value < 0 ? "−" : "") + words;
}

/** What the map says, in words. */
export function titleOf(payload, view) {
  const { modalities, label } = payload.meta;
  const cluster = clusterWords(payload, view)?.replaceAll(" ", "\u00a0"); // a name is not broken
  const moments = cluster ? `, moments of ${cluster}` : "";
  if (view.lead_pick) return `evidence of lead ${view.lead_pick.lead} for ${label}${moments}`;
  if (view.map === "disagreement") return `disagreement of the modalities (SD)${moments}`;
  if (view.map === "spread") return "spread of the networks (SD)";
  if (view.map === LESS) return `model less rival, evidence for ${label}${moments}`;
  const sign = { signed: "evidence for", for: "evidence for", against: "evidence against" }[view.sign];
  const whose = view.map === RIVAL ? "rival" : within(modalities.find(({ name }) => name === view.map)?.title ?? "average");
  return `${sign} ${label}, ${whose}${moments}`;
}

/**
 * Values beside the bar: where they lie on it, 0 to 1, and in words.
 * @param {Object<string, any>} view
 * @param {{low: number, high: number}} ends
 */
export function ticksOf(view, { low, high }) {
  const sign = view.sign === "against" && !isSigned(view) ? -1 : 1;
  const shares = isSigned(view) ? [-1, -0.5, 0, 0.5, 1] : [0, 0.25, 0.5, 0.75, 1];
  return shares.map((share) => ({ at: (share * high - low) / (high - low), words: shortNumber(sign * share * high) }));
}

/** Whether a view's map is nought on the ventricles, as that of the P wave is: its evidence lies on the atria. */
export const isEmptyMap = (payload, view) =>
  view.mode !== "instant" && mapValues(payload, view).every((value, v) => value === 0 || !payload.arrays.ventricles[v]);

/** Where the threshold lies on the bar, 0 to 1; none beyond its ends. */
export function thresholdsOf(view, { low, high }) {
  if (!view.threshold || view.threshold > high) return [];
  const values = isSigned(view) ? [-view.threshold, view.threshold] : [view.threshold];
  return values.map((value) => (value - low) / (high - low));
}

function make(tag, name, parent) {
  const element = document.createElement(tag);
  element.className = name;
  parent.append(element);
  return element;
}

/** Something at a place along the bar. */
function placed(tag, at, words = "") {
  const element = document.createElement(tag);
  element.style.left = `${100 * at}%`;
  element.textContent = words;
  return element;
}

function fill(strip, name) {
  const context = strip.getContext("2d");
  const picture = context.createImageData(256, 1);
  picture.data.set(colourTable(name));
  context.putImageData(picture, 0, 0);
}

/** @param {HTMLElement} element @param {import("../payload.js").Payload} payload */
export function createBar(element, payload) {
  const box = make("div", "heart-bar", element);
  box.setAttribute("role", "img");
  const title = make("div", "heart-bar-title", box);
  const strip = make("canvas", "heart-bar-strip", box);
  [strip.width, strip.height] = [256, 1];
  const ticks = make("div", "heart-bar-ticks", box);
  return {
    apply(seen, ends) {
      const [view] = heartViews(payload, seen);
      box.hidden = view.blind;
      const empty = isEmptyMap(payload, view);
      fill(strip, tableOf(view));
      title.textContent = `${titleOf(payload, view)}${empty ? ":" : ""} `;
      make("small", "", title).textContent = empty ? "none on the ventricles" : unitOf(payload, view);
      ticks.hidden = strip.hidden = empty;
      ticks.replaceChildren(
        ...ticksOf(view, ends).map(({ at, words }) => placed("span", at, words)),
        ...thresholdsOf(view, ends).map((at) => placed("i", at)),
      );
      const [low, high] = [ends.low, ends.high].map(shortNumber);
      const colours = empty ? "" : `: colours from ${low} to ${high}`;
      box.setAttribute("aria-label", `${title.textContent}${colours}`);
    },
    destroy: () => box.remove(),
  };
}
