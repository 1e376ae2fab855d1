/** Moments and maps in words, for labels, the spoken line and the tables. */

import { clusterOf, LESS, RIVAL } from "../map.js";
import { figure } from "./dom.js";

/** Time as people read it. @param {number} t_ms */
export const timeWords = (t_ms) => `${figure(Math.round(t_ms), 0, true)} ms`;

/** Share of a whole as people read it. @param {number} share 0 to 1 */
export const percent = (share, digits = 0) => (Number.isFinite(share) ? `${figure(100 * share, digits)} %` : "–");

/**
 * Name the part of the beat that a time lies in.
 *
 * @param {any} fiducials_ms @param {number} t_ms
 */
export function waveAt(fiducials_ms, t_ms) {
  const { p_onset, p_end, qrs_onset, j_point, t_end } = fiducials_ms;
  const has = Number.isFinite;
  if (has(p_onset) && t_ms >= p_onset && t_ms < p_end) return "P wave";
  if (has(p_end) && t_ms >= p_end && t_ms < qrs_onset) return "PR segment";
  if (t_ms >= qrs_onset && t_ms < j_point) return "QRS";
  const t_onset = tOnset(fiducials_ms);
  if (t_ms >= j_point && t_ms < t_onset) return "ST segment";
  if (t_ms >= t_onset && t_ms <= t_end) return "T wave";
  return "between waves";
}

/** Time of T onset: the delineation has none, so it is told from the fall of T as elsewhere in the project. @param {any} f */
export const tOnset = (f) => Math.max(f.j_point, f.t_peak - 1.3 * (f.t_end - f.t_peak));

/** Parts of the beat that can be played or summed over. */
export const PARTS = Object.freeze(["P", "QRS", "ST", "T"]);

/**
 * Give the time of a part of the beat.
 *
 * @param {any} f fiducials in ms @param {string} name P, QRS, ST or T
 * @returns {[number, number]|null} null where a wave is absent
 */
export function partOf(f, name) {
  const ends = {
    P: [f.p_onset, f.p_end],
    QRS: [f.qrs_onset, f.j_point],
    ST: [f.j_point, tOnset(f)],
    T: [tOnset(f), f.t_end],
  };
  const part = /** @type {any} */ (ends)[name];
  return part?.every(Number.isFinite) ? part.map(Math.round) : null;
}

/** Name a span of time: the wave it is, or its ends. @param {any} fiducials_ms @param {[number, number]|null} span */
export function spanWords(fiducials_ms, span) {
  if (!span) return "whole beat";
  const known = PARTS.find((name) => {
    const part = partOf(fiducials_ms, name);
    return part && part[0] === span[0] && part[1] === span[1];
  });
  return known
    ? `${known}, ${timeWords(span[0])} to ${timeWords(span[1])}`
    : `${timeWords(span[0])} to ${timeWords(span[1])}`;
}

/** Name the cluster that a view is kept to, null for none. @param {any} payload @param {any} view @returns {string|null} */
export const clusterWords = (payload, view) => payload.meta.clusters?.clusters[clusterOf(payload, view)]?.name ?? null;

/** Name when a view looks: a moment or a span. @param {any} payload @param {any} view */
export function whenWords(payload, view) {
  const { meta } = payload;
  if (view.map === "spread") return "over the whole beat";
  if (view.mode === "instant") return `at ${timeWords(view.t_ms)}, ${waveAt(meta.fiducials_ms, view.t_ms)}`;
  const cluster = clusterWords(payload, view);
  const samples = cluster ? `moments of ${cluster} in the ` : "";
  return `summed over the ${samples}${spanWords(meta.fiducials_ms, view.interval_ms)}`
    .replace("the −", "−")
    .replace("the +", "+");
}

/** A title within a sentence. @param {string} title */
export const within = (title) => (/^[A-Z][a-z]/.test(title) ? title[0].toLowerCase() + title.slice(1) : title);

/** Unit of the sums of a view's map. @param {any} payload @param {any} view */
export const unitWords = (payload, view) => (view.map === LESS && !view.lead_pick ? "% of each map" : payload.meta.unit);

/** Name the map of a view. @param {any} payload @param {any} view */
export function mapWords({ meta }, view) {
  if (view.lead_pick && view.map !== "spread") return `lead ${view.lead_pick.lead} alone`;
  const fixed = {
    average: "average of the modalities",
    disagreement: "disagreement of the modalities",
    spread: "spread of the ensemble",
    [RIVAL]: `rival: ${meta.rival?.title}`,
    [LESS]: "model less rival",
  };
  const title = meta.modalities.find((/** @type {any} */ m) => m.name === view.map)?.title;
  return /** @type {any} */ (fixed)[view.map] ?? within(title ?? view.map);
}
