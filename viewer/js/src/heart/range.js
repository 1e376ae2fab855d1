/** Where the colours end: a fixed number, or the 99.8th percentile of what the view can show. */

import { clusterOf, density, heartViews, inShares, LESS, mapValues, perMoment, quantile, samples, timeOf } from "../map.js";

const SHARE = 0.998;
/** Moments looked at for a range that stays while time runs. */
const MOMENTS = 48;

/** Whether a view's colours go both ways from zero. */
export const isSigned = (view) =>
  view.map === LESS || (view.sign === "signed" && view.map !== "disagreement" && view.map !== "spread");

/** Colour table of a view: its own, or the default for what it shows. */
export const tableOf = (view) => view.colormap ?? (isSigned(view) ? "PuOr" : "cividis");

/** Unit of what the colours show. */
export const unitOf = (payload, view) =>
  `${inShares(view) ? "% of each map’s evidence" : payload.meta.unit} per cm²${view.mode === "instant" && view.map !== "spread" ? " per 10 ms" : ""}`;

function sizes(payload, view) {
  const { ventricles } = payload.arrays;
  const factor = perMoment(payload, view);
  const shown = density(payload, mapValues(payload, view));
  return shown.filter((_, v) => ventricles[v]).map((value) => Math.abs(value) * factor);
}

/** Range that fits a view by itself: over the beat where time runs, of the sum where it does not. */
export function automaticRange(payload, view) {
  if (view.mode !== "instant" || view.map === "spread") {
    const all = sizes(payload, view);
    return quantile(all, SHARE) || all.reduce((top, value) => Math.max(top, value), 0) || 1;
  }
  let top = 0;
  for (let i = 0; i < MOMENTS; i++) {
    const t = timeOf(payload, ((i + 0.5) / MOMENTS) * samples(payload));
    top = Math.max(top, quantile(sizes(payload, { ...view, t_ms: t }), SHARE));
  }
  return top || 1;
}

/**
 * Ends of the colours, remembered until something that they depend on changes.
 * @param {import("../payload.js").Payload} payload
 */
export function createRange(payload) {
  const known = new Map();
  return {
    /** @returns {{low: number, high: number}} */
    of(view) {
      const high = view.range ?? Math.max(...heartViews(payload, view).map(this.automatic));
      return { low: isSigned(view) ? -high : 0, high };
    },
    automatic(view) {
      const key = JSON.stringify([view.map, view.share, view.lead_pick?.lead, view.sign, view.mode, view.mode === "instant" || view.interval_ms, clusterOf(payload, view)]);
      if (!known.has(key)) known.set(key, automaticRange(payload, view));
      return known.get(key);
    },
  };
}
