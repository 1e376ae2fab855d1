/** How the heart draws whose region it is: the colours of the leads' brackets, and dashes in mm. */

import { STYLES } from "../leads/brackets.js";

const DASH_MM = { expert: 0, derived: 5, simulated: 2 };

/**
 * @param {string} provenance
 * @returns {{colour: string, dash: number}}
 */
export function styleOf(provenance) {
  const known = provenance in STYLES ? provenance : "derived";
  return { colour: STYLES[known].light, dash: DASH_MM[known] };
}
