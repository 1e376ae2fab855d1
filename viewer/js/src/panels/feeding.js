/** Which leads bring a vertex its evidence: read from the modality whose columns belong to leads. */

import { columnCoefficients } from "../map.js";
import { LEADS } from "../leads/layouts.js";

/**
 * @typedef {object} LeadColumns
 * @property {any} modality
 * @property {(number|null)[]} lead row of `LEADS` per column of the modality, null where a column has none
 */

/** Find the modality whose columns belong to leads. @param {any} payload @returns {LeadColumns|null} */
export function leadColumns({ meta }) {
  const modality = meta.modalities.find((/** @type {any} */ m) => Array.isArray(m.leads));
  return modality ? { modality, lead: modality.leads } : null;
}

/**
 * Evidence that each lead brings to some vertices, by the modality of leads.
 *
 * @param {any} payload @param {any} view
 * @param {(column: number) => number} weight of a column, for one vertex its basis value
 * @returns {Float64Array|null} (12,) logit; null where the map does not know its leads
 */
export function feeding(payload, view, weight) {
  const columns = leadColumns(payload);
  if (!columns) return null;
  const coefs = columnCoefficients(payload, view);
  const found = new Float64Array(LEADS.length);
  columns.lead.forEach((lead, j) => {
    const k = columns.modality.first + j;
    if (lead !== null) found[lead] += weight(k) * coefs[k];
  });
  return found;
}
