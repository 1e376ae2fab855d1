/**
 * The left ventricle as a bull's-eye of 17 segments, the right ventricle beside it.
 *
 * Cerqueira et al. 2002, Circulation 105:539: six basal, six mid, four apical segments, the apex;
 * anterior on top, septum towards the right ventricle.
 */

/**
 * @typedef {object} Wedge Part of a ring: radii from 0 to 1, degrees against the clock from patient left.
 * @property {number} code index of the region
 * @property {string} short what stands on it
 * @property {number} inner
 * @property {number} outer
 * @property {number} start
 * @property {number} stop
 */

/** @param {number} first_code @param {number} count @param {number} inner @param {number} outer @param {number} first @returns {Wedge[]} */
function ring(first_code, count, inner, outer, first) {
  const width = 360 / count;
  return Array.from({ length: count }, (_, i) => {
    const start = first + i * width;
    return { code: first_code + i, short: String(first_code + i + 1), inner, outer, start, stop: start + width };
  });
}

/** Every ventricular region once; codes as the anatomy numbers its regions. @type {readonly Wedge[]} */
export const WEDGES = Object.freeze([
  ...ring(0, 6, 0.72, 1, 60),
  ...ring(6, 6, 0.46, 0.72, 60),
  ...ring(12, 4, 0.2, 0.46, 45),
  { code: 16, short: "17", inner: 0, outer: 0.2, start: 0, stop: 360 },
  { code: 17, short: "outflow", inner: 1.06, outer: 1.36, start: 120, stop: 158 },
  { code: 18, short: "free wall", inner: 1.06, outer: 1.36, start: 158, stop: 206 },
  { code: 19, short: "apex", inner: 1.06, outer: 1.36, start: 206, stop: 240 },
]);

/** Place on the drawing, whose y points down. @param {number} radius @param {number} degrees @returns {[number, number]} */
function at(radius, degrees) {
  const angle = (degrees * Math.PI) / 180;
  return [radius * Math.cos(angle), -radius * Math.sin(angle)];
}

/** Outline of a wedge as an SVG path. @param {Wedge} wedge */
export function outline({ inner, outer, start, stop }) {
  const words = (/** @type {number[]} */ ...numbers) => numbers.map((x) => x.toFixed(4)).join(" ");
  if (inner === 0)
    return `M ${words(outer, 0)} A ${words(outer, outer)} 0 1 0 ${words(-outer, 0)} A ${words(outer, outer)} 0 1 0 ${words(outer, 0)} Z`;
  const large = stop - start > 180 ? 1 : 0;
  return (
    `M ${words(...at(outer, start))} A ${words(outer, outer)} 0 ${large} 0 ${words(...at(outer, stop))} ` +
    `L ${words(...at(inner, stop))} A ${words(inner, inner)} 0 ${large} 1 ${words(...at(inner, start))} Z`
  );
}

/** Where a wedge's words stand. @param {Wedge} wedge */
export function middle({ inner, outer, start, stop }) {
  return at(inner === 0 ? 0 : (inner + outer) / 2, (start + stop) / 2);
}
