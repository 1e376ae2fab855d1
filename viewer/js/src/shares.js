/** Model and rival brought to one size, so that maps of networks that are sure to different degrees can be compared. */

/** @typedef {import("./payload.js").Payload} Payload */

/** The rival's map, and the model's less the rival's, both brought to one size. */
export const RIVAL = "rival";
export const LESS = "less_rival";

/** Percent per logit that brings the model's or the rival's map to one size. @param {Payload} payload @param {"model" | "rival"} which */
export const shareFactor = (payload, which) => 100 / (payload.meta.rival?.sizes[which] || 100);

/** Maps that are in percent of each map's evidence, not in logits. */
export const inShares = (view) => Boolean(view.share) || (view.map === LESS && !view.lead_pick);

const pairs = new WeakMap();

/**
 * The model and the rival of a view, both brought to one size; the model by the view's own map where that is
 * a modality, else by the average.
 * @param {Payload} payload
 * @param {Object<string, any>} view
 * @returns {[Object<string, any>, Object<string, any>]}
 */
export function modelAndRival(payload, view) {
  if (!pairs.has(view)) {
    const own = payload.meta.modalities.some(({ name }) => name === view.map && name !== RIVAL);
    const model = { ...view, map: own ? view.map : "average", share: true };
    pairs.set(view, [model, { ...view, map: RIVAL, share: true, lead_pick: null }]);
  }
  return pairs.get(view);
}

/** What each heart of a view shows: the view itself, or model and rival. @param {Payload} payload @param {Object<string, any>} view */
export const heartViews = (payload, view) =>
  view.compare === "rival" && payload.meta.rival && !view.blind ? modelAndRival(payload, view) : [view];
