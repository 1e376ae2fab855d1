/** The network's moments below the recording: a ribbon on the time axis of the leads, a click shows one on the heart. */

import { clusterOf } from "../map.js";
import { toggleCluster } from "../panels/clusters.js";
import { h } from "../panels/dom.js";
import { xOf } from "./geometry.js";

/** Height that the ribbon takes below the leads, mm of paper. */
export const FOOT_MM = 3;
/** What changes which cluster is shown. */
const KEYS = ["cluster", "mode", "map", "blind"];

/**
 * Stretches of clusters on the clock of the recording.
 *
 * @param {[number, number][]} runs first of the recording's own samples and cluster
 * @param {number} fs Hz of these samples
 * @param {number} end_ms of the last one
 * @returns {{card: number, start_ms: number, end_ms: number}[]}
 */
export function momentsOf(runs, fs, end_ms) {
  const at = (/** @type {number} */ i) => (i < runs.length ? (1000 * runs[i][0]) / fs : end_ms);
  return runs.map(([, card], i) => ({ card, start_ms: at(i), end_ms: at(i + 1) }));
}

/** Strips of the recording that a ribbon lies below: the rhythm strip, or the last of each column. @param {import("./geometry.js").Sheet} sheet */
export function stripsWithRibbon({ strips }) {
  const long = strips.filter(({ on }) => on === "recording");
  const rhythm = long.filter(({ column }) => column < 0);
  if (rhythm.length) return rhythm;
  const low = Math.max(...long.map(({ top }) => top));
  return long.filter(({ top }) => top === low);
}

/**
 * @param {HTMLElement} layer over the sheet
 * @param {any} payload
 * @param {any} state
 */
export function createMoments(layer, payload, state) {
  const held = payload.meta.clusters;
  /** @type {{card: number, element: HTMLElement}[]} */
  let parts = [];
  const show = () => {
    const view = state.get();
    const shown = clusterOf(payload, view);
    layer.hidden = Boolean(view.blind);
    for (const { card, element } of parts) element.classList.toggle("ecg-dim", shown >= 0 && card !== shown);
  };
  return {
    /** @param {import("./geometry.js").Sheet} sheet @param {ReturnType<typeof momentsOf>} moments */
    lay(sheet, moments) {
      parts = stripsWithRibbon(sheet).flatMap((strip) =>
        moments
          .filter(({ start_ms, end_ms }) => end_ms > strip.start_ms && start_ms < strip.end_ms)
          .map((one) => ({ card: one.card, element: pieceOf(sheet, strip, one, held, () => toggleCluster(payload, state, one.card)) })),
      );
      layer.replaceChildren(...parts.map(({ element }) => element));
      show();
    },
    destroy: state.on(KEYS, show),
  };
}

/** @param {import("./geometry.js").Sheet} sheet @param {import("./geometry.js").Strip} strip @param {any} one @param {any} held @param {() => void} onclick */
function pieceOf(sheet, strip, { card, start_ms, end_ms }, held, onclick) {
  const [left, right] = [Math.max(start_ms, strip.start_ms), Math.min(end_ms, strip.end_ms)].map(
    (t) => xOf(sheet, strip, t) * sheet.scale,
  );
  const { name, colour } = held.clusters[card];
  const top = (strip.top + strip.height + 0.2) * sheet.scale;
  const style = `left:${left}px;top:${top}px;width:${right - left}px;background:${colour}`;
  return h("i", { style, title: `${name}: show on the heart`, onclick });
}
