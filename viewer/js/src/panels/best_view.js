/** Which standard view shows a part of the heart best. */

const HALF = Math.SQRT1_2;

/** Direction from the heart to the viewer, LPS: x to the patient's left, y to the back, z to the head. @type {[string, [number, number, number]][]} */
const FROM = [
  ["AP", [0, -1, 0]],
  ["RAO", [-0.5, -0.866, 0]],
  ["LAO", [HALF, -HALF, 0]],
  ["left lateral", [1, 0, 0]],
  ["inferior", [0, 0, -1]],
];

/**
 * Choose the view on which the weight of a map or mask looks out most.
 *
 * @param {any} payload
 * @param {ArrayLike<number>} weights per vertex; below zero counts as none
 * @returns {string|null} null where nothing has weight
 */
export function bestView({ arrays }, weights) {
  const { points, areas, ventricles } = arrays;
  const middle = [0, 0, 0];
  const place = [0, 0, 0];
  let [whole, sum] = [0, 0];
  for (let v = 0; v < areas.length; v++) {
    if (!ventricles[v]) continue;
    const weight = Math.max(0, weights[v]);
    whole += areas[v];
    sum += weight;
    for (let axis = 0; axis < 3; axis++) {
      middle[axis] += areas[v] * points[3 * v + axis];
      place[axis] += weight * points[3 * v + axis];
    }
  }
  if (!(sum > 0)) return null;
  const out = place.map((value, axis) => value / sum - middle[axis] / whole);
  const along = (/** @type {number[]} */ from) => from.reduce((total, value, axis) => total + value * out[axis], 0);
  return FROM.reduce((best, one) => (along(one[1]) > along(best[1]) ? one : best))[0];
}
