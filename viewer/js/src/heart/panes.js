/** One heart, or the model's and the expert's side by side under one camera. */

import { modelAndRival } from "../map.js";
import { mapWords } from "../panels/words.js";
import { styleOf } from "./provenance.js";

/** Narrower panes than this have one heart above the other. */
const WIDE = 1.2;
/** Left free below them for the cube and the colour bar, pixels. */
const FOOT = 62;

/**
 * Where the hearts are drawn, pixels from the top left.
 * @param {{width: number, height: number}} size
 * @param {number} count
 * @returns {{x: number, y: number, width: number, height: number}[]}
 */
export function split({ width, height }, count) {
  const beside = width / height > WIDE;
  const [w, h] = beside ? [width / count, height] : [width, count > 1 ? (height - FOOT) / count : height];
  return Array.from({ length: count }, (_, i) => ({ x: beside ? i * w : 0, y: beside ? 0 : i * h, width: w, height: h }));
}

/** Caption above one heart; with a colour, a short line of it goes before. */
function caption(words, small, colour = null) {
  const element = document.createElement("div");
  element.className = "heart-caption";
  if (colour) {
    const swatch = document.createElement("i");
    swatch.style.background = colour;
    element.append(swatch);
  }
  const more = document.createElement("small");
  more.textContent = small;
  element.append(words, more);
  return element;
}

/** Captions of model and rival. */
function bothCaptions(payload, view) {
  const [model] = modelAndRival(payload, view);
  return [caption("model", mapWords(payload, model)), caption("rival", payload.meta.rival.title)];
}

/** How many hearts a view shows. */
export const panesOf = (view, mask, rival) =>
  !view.blind && ((view.compare === "side" && mask) || (view.compare === "rival" && rival)) ? 2 : 1;

/** Whether an expert's region is shown beside the map or on it. */
export const withExpert = ({ compare, blind }) => !blind && (compare === "side" || compare === "contour");

/** @param {HTMLElement} element @param {import("../payload.js").Payload} payload */
export function createPanes(element, payload) {
  const layer = document.createElement("div");
  element.append(layer);
  return {
    apply(view, count) {
      layer.replaceChildren();
      if (view.compare === "rival" && count > 1) layer.append(...bothCaptions(payload, view));
      const expert = payload.meta.annotations?.[view.mask];
      if (!expert?.mask || !withExpert(view)) return;
      const { rater, label, provenance } = expert;
      if (count > 1) layer.append(caption("model", payload.meta.label));
      layer.append(caption(rater, `${label}, ${provenance}`, styleOf(provenance).colour));
    },
    /**
     * @param {import("three").WebGLRenderer} renderer
     * @param {{width: number, height: number, unit: number}} size `unit` viewport pixels to a pixel of the page.
     * @param {(() => void)[]} draws One for each heart.
     */
    draw(renderer, size, draws) {
      const { unit } = size;
      renderer.setScissorTest(draws.length > 1);
      split(size, draws.length).forEach(({ x, y, width, height }, i) => {
        const bottom = size.height - y - height;
        const box = [x, bottom, width, height].map((value) => value * unit);
        renderer.setViewport(...box);
        renderer.setScissor(...box);
        draws[i]();
        Object.assign(layer.children[i]?.style ?? {}, { left: `${x + width / 2}px`, top: `${y + 10}px` });
      });
      renderer.setScissorTest(false);
    },
    destroy: () => layer.remove(),
  };
}
