/** What most raters agree on, as one more annotation beside theirs. */

/**
 * Add the majority of the raters' masks, where two or more experts marked the same label.
 *
 * A vertex belongs to it if more than half of them marked it.
 *
 * @param {any} payload
 * @returns {any} a payload with one more annotation, or the same
 */
export function withConsensus(payload) {
  const { meta, arrays, shapes } = payload;
  const marked = meta.annotations.filter(
    (/** @type {any} */ one) => one.provenance === "expert" && one.label === meta.label && arrays[one.mask],
  );
  const raters = new Set(marked.map((/** @type {any} */ one) => one.rater));
  if (raters.size < 2 || raters.size !== marked.length || arrays.mask_consensus) return payload;
  const count = new Uint8Array(arrays[marked[0].mask].length);
  for (const { mask } of marked)
    arrays[mask].forEach((/** @type {number} */ inside, /** @type {number} */ v) => (count[v] += inside ? 1 : 0));
  const consensus = {
    rater: `majority of ${marked.length}`,
    label: meta.label,
    provenance: "derived",
    confidence: 1,
    state: "signed",
    note: "vertices that more than half of the raters marked",
    mask: "mask_consensus",
    intervals: [],
  };
  return {
    meta: { ...meta, annotations: [...meta.annotations, consensus] },
    arrays: { ...arrays, mask_consensus: count.map((n) => (2 * n > marked.length ? 1 : 0)) },
    shapes: { ...shapes, mask_consensus: [count.length] },
  };
}
