/** A reader's marks: the draft, its history, and the finding that is saved. */

/**
 * @typedef {object} Draft
 * @property {Uint8Array|null} vertices mask on the heart
 * @property {readonly string[]} regions
 * @property {readonly any[]} intervals
 */

/** @type {Draft} */
export const EMPTY = Object.freeze({ vertices: null, regions: Object.freeze([]), intervals: Object.freeze([]) });

const LONGEST = 200;

/**
 * Past and future of a value; pure, so that every step can be tested.
 *
 * @template T
 * @typedef {{past: readonly T[], now: T, future: readonly T[]}} History
 */

/** @template T @param {T} now @returns {History<T>} */
export const begun = (now) => ({ past: [], now, future: [] });

/** Take a step; what was undone is forgotten. @template T @param {History<T>} history @param {T} next @returns {History<T>} */
export const stepped = ({ past, now }, next) => ({ past: [...past, now].slice(-LONGEST), now: next, future: [] });

/** @template T @param {History<T>} history @returns {History<T>} the same where there is nothing to undo */
export function undone(history) {
  const { past, now, future } = history;
  if (past.length === 0) return history;
  return { past: past.slice(0, -1), now: past[past.length - 1], future: [now, ...future] };
}

/** @template T @param {History<T>} history @returns {History<T>} the same where there is nothing to redo */
export function redone(history) {
  const { past, now, future } = history;
  if (future.length === 0) return history;
  return { past: [...past, now], now: future[0], future: future.slice(1) };
}

/** Vertices of a mask, in rising order. @param {Uint8Array|null} mask @returns {number[]|null} null where none is marked */
export function marked(mask) {
  if (!mask) return null;
  const found = [];
  for (let v = 0; v < mask.length; v++) if (mask[v]) found.push(v);
  return found.length ? found : null;
}

/** Whether a draft marks nothing at all. @param {Draft} draft */
export const isEmpty = (draft) => !marked(draft.vertices) && draft.regions.length === 0 && draft.intervals.length === 0;

/**
 * @typedef {object} Fields What a reader writes beside the marks.
 * @property {string} label
 * @property {number} confidence 0 to 1
 * @property {string} rater
 * @property {string} note
 * @property {boolean} nothing whether the reader says that nothing supports the label
 */

/**
 * Say what keeps a reading from being saved.
 *
 * @param {Draft} draft @param {Fields} fields
 * @returns {string|null} one sentence, null where it can be saved
 */
export function problemOf(draft, fields) {
  if (!fields.rater.trim()) return "Name the rater (a pseudonym will do).";
  if (!fields.label) return "Choose the label that the marks speak for.";
  if (isEmpty(draft) && !fields.nothing)
    return "Mark a region, vertices or an interval, or say that nothing supports the label.";
  if (!isEmpty(draft) && fields.nothing)
    return "There are marks: clear them, or untick that nothing supports the label.";
  return null;
}

/**
 * The finding as the store takes it.
 *
 * @param {Draft} draft @param {Fields} fields @param {"draft"|"signed"} state
 */
export function findingOf(draft, fields, state) {
  return {
    kind: "finding",
    state,
    label: fields.label,
    confidence: fields.confidence,
    rater: fields.rater.trim(),
    note: fields.note.trim(),
    vertices: marked(draft.vertices),
    regions: [...draft.regions],
    intervals: draft.intervals.map(({ leads, onset_ms, offset_ms, on }) => ({
      leads: [...leads],
      onset_ms,
      offset_ms,
      on: on ?? "beat",
    })),
  };
}

/** Marked area. @param {Draft} draft @param {ArrayLike<number>} areas mm2 per vertex @returns {number} cm2 */
export function markedArea({ vertices }, areas) {
  let sum = 0;
  if (vertices) for (let v = 0; v < vertices.length; v++) if (vertices[v]) sum += areas[v];
  return sum / 100;
}
