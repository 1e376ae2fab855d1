/** What the colours mean: a bar with values and unit, drawn from the same table as the heart. */

import { colourTable } from "../colormaps.js";
import { isSigned, tableOf, unitOf } from "./range.js";

const [WIDTH, HEIGHT] = [256, 1];

/** Short number for a tick. */
export function shortNumber(value) {
  if (value === 0) return "0";
  const size = Math.abs(value);
  const words = size >= 100 ? size.toFixed(0) : size >= 1e-4 ? String(Number(size.toPrecision(2))) : size.toExponential(0);
  return (value < 0 ? "−" : "") + words;
}

/** What the map says, in words. */
export function titleOf(payload, view) {
  if (view.lead_pick) return `evidence of lead ${view.lead_pick.lead} for ${payload.meta.label}`;
  const { modalities, label } = payload.meta;
  if (view.map === "disagreement") return "disagreement of the modalities (SD)";
  if (view.map === "spread") return "spread of the networks (SD)";
  const sign = { signed: "evidence", for: "evidence for", against: "evidence against" }[view.sign];
  const whose = modalities.find((modality) => modality.name === view.map)?.title ?? "average";
  return `${sign}${view.sign === "signed" ? " for" : ""} ${label}, ${whose}`;
}

/** @param {HTMLElement} element @param {import("../payload.js").Payload} payload */
export function createBar(element, payload) {
  const box = document.createElement("div");
  box.className = "heart-bar";
  box.setAttribute("role", "img");
  const title = document.createElement("div");
  title.className = "heart-bar-title";
  const strip = document.createElement("canvas");
  [strip.width, strip.height] = [WIDTH, HEIGHT];
  const ticks = document.createElement("div");
  ticks.className = "heart-bar-ticks";
  const cutoff = document.createElement("i");
  box.append(title, strip, ticks);
  element.append(box);

  function fill(name) {
    const context = strip.getContext("2d");
    const picture = context.createImageData(WIDTH, HEIGHT);
    const table = colourTable(name);
    picture.data.set(table);
    context.putImageData(picture, 0, 0);
  }

  function mark(value, low, high, words) {
    const tick = document.createElement("span");
    tick.style.left = `${(100 * (value - low)) / (high - low)}%`;
    tick.textContent = words;
    return tick;
  }

  return {
    apply(view, { low, high }) {
      box.hidden = view.blind;
      fill(tableOf(view));
      title.textContent = "";
      const unit = document.createElement("small");
      unit.textContent = unitOf(payload, view);
      title.append(titleOf(payload, view), " ", unit);
      const values = isSigned(view) ? [-1, -0.5, 0, 0.5, 1] : [0, 0.25, 0.5, 0.75, 1];
      const sign = view.sign === "against" && !isSigned(view) ? -1 : 1;
      ticks.replaceChildren(...values.map((share) => mark(share * high, low, high, shortNumber(sign * share * high))));
      if (view.threshold) {
        for (const value of isSigned(view) ? [-view.threshold, view.threshold] : [view.threshold]) {
          if (value > high) continue;
          const line = cutoff.cloneNode();
          line.style.left = `${(100 * (value - low)) / (high - low)}%`;
          ticks.append(line);
        }
      }
      box.setAttribute("aria-label", `${title.textContent}: colours from ${shortNumber(low)} to ${shortNumber(high)}`);
    },
    destroy: () => box.remove(),
  };
}
