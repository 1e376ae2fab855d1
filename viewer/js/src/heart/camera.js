/** Standard views and the camera as a value: LPS mm, x to the patient's left, y posterior, z head. */

import { PerspectiveCamera, Vector3 } from "three";

/** Angle of view of the shorter side of the picture, degrees. */
export const FOV = 20;
const MARGIN = 1.18;
const RAD = Math.PI / 180;

/** @typedef {{position: number[], target: number[], up: number[]}} CameraValue */

const turned = (degrees) => ({
  eye: [Math.sin(degrees * RAD), -Math.cos(degrees * RAD), 0],
  up: [0, 0, 1],
});

/** Direction from the heart to the eye, and what is up; as in `viewer/views.py`. */
export const STANDARD = Object.freeze({
  AP: turned(0),
  RAO: turned(-30),
  LAO: turned(45),
  "left lateral": turned(90),
  inferior: { eye: [0, 0, -1], up: [0, -1, 0] },
  PA: turned(180),
  "right lateral": turned(-90),
  superior: { eye: [0, 0, 1], up: [0, -1, 0] },
});

const BASAL = [0, 1, 2, 3, 4, 5];
const APEX = 16;
const RIGHT = [17, 18, 19];

/** Middle of the vertices of some regions. */
function middle(payload, codes) {
  const { points, region } = payload.arrays;
  const sum = new Vector3();
  let count = 0;
  region.forEach((code, v) => {
    if (!codes.includes(code)) return;
    sum.add(new Vector3().fromArray(points, 3 * v));
    count++;
  });
  return count ? sum.divideScalar(count) : null;
}

/**
 * The plane through the long axis of the left ventricle and the right ventricle, seen as in
 * echocardiography: apex up, left ventricle on the viewer's right.
 * @returns {{eye: number[], up: number[], through: number[]} | null} null if regions are missing.
 */
export function fourChamber(payload) {
  const [base, apex, right] = [middle(payload, BASAL), middle(payload, [APEX]), middle(payload, RIGHT)];
  if (!base || !apex || !right) return null;
  const up = apex.sub(base).normalize();
  const aside = right.sub(base);
  const eye = aside.negate().cross(up).normalize();
  return { eye: eye.toArray(), up: up.toArray(), through: base.toArray() };
}

/** Corners of the box around points, and its middle. */
export function box(points) {
  const low = [Infinity, Infinity, Infinity];
  const high = [-Infinity, -Infinity, -Infinity];
  points.forEach((value, i) => {
    low[i % 3] = Math.min(low[i % 3], value);
    high[i % 3] = Math.max(high[i % 3], value);
  });
  return { low, high, centre: low.map((value, i) => (value + high[i]) / 2) };
}

/**
 * Places the camera so that all points fill the picture.
 * @param {ArrayLike<number>} points (v, 3)
 * @param {{eye: number[], up: number[]}} view
 * @returns {CameraValue}
 */
export function fitted(points, { eye, up }) {
  const towards = new Vector3(...eye).normalize();
  // what is up need not be square to the eye: a saved camera says the head's end, from whichever side
  const across = new Vector3(...up).cross(towards).normalize();
  const upward = new Vector3().crossVectors(towards, across);
  const centre = new Vector3(...box(points).centre);
  const [low, high] = [new Vector3(Infinity, Infinity, Infinity), new Vector3(-Infinity, -Infinity, -Infinity)];
  const point = new Vector3();
  for (let i = 0; i < points.length; i += 3) {
    point.set(points[i], points[i + 1], points[i + 2]).sub(centre);
    point.set(point.dot(across), point.dot(upward), point.dot(towards));
    low.min(point);
    high.max(point);
  }
  const half = Math.max(high.x - low.x, high.y - low.y) / 2;
  const target = centre
    .addScaledVector(across, (low.x + high.x) / 2)
    .addScaledVector(upward, (low.y + high.y) / 2);
  const distance = (half * MARGIN) / Math.tan((FOV / 2) * RAD) + Math.max(high.z, 0) / 2;
  const position = target.clone().addScaledVector(towards, distance);
  return { position: position.toArray(), target: target.toArray(), up: [...up] };
}

/**
 * A look turned about its own axes and moved nearer or farther.
 * @param {CameraValue} value
 * @param {{right?: number, up?: number, nearer?: number}} by Degrees that the eye goes right and up; factor of distance.
 * @returns {CameraValue}
 */
export function turnedBy({ position, target, up }, { right = 0, up: over = 0, nearer = 1 }) {
  const [centre, upward] = [new Vector3(...target), new Vector3(...up)];
  const eye = new Vector3(...position).sub(centre);
  const across = new Vector3().crossVectors(upward, eye).normalize();
  eye.applyAxisAngle(upward, right * RAD);
  across.applyAxisAngle(upward, right * RAD);
  eye.applyAxisAngle(across, -over * RAD);
  upward.applyAxisAngle(across, -over * RAD);
  return { position: eye.divideScalar(nearer).add(centre).toArray(), target: [...target], up: upward.toArray() };
}

/** Makes the camera; lens and shape of the picture are set by `shape`. */
export const makeCamera = () => new PerspectiveCamera(FOV, 1, 20, 3000);

/** Fits the lens to the picture: the shorter side always sees `FOV`. */
export function shape(camera, aspect) {
  camera.aspect = aspect;
  camera.fov = aspect >= 1 ? FOV : (2 / RAD) * Math.atan(Math.tan((FOV / 2) * RAD) / aspect);
  camera.updateProjectionMatrix();
}

const rounded = (vector, digits) => vector.toArray().map((value) => Number(value.toFixed(digits)));

/** @returns {CameraValue} */
export const valueOf = (camera, target) => ({
  position: rounded(camera.position, 2),
  target: rounded(target, 2),
  up: rounded(camera.up, 4),
});

/** @param {CameraValue} value */
export function place(camera, target, value) {
  camera.position.fromArray(value.position);
  camera.up.fromArray(value.up).normalize();
  target.fromArray(value.target);
  camera.lookAt(target);
  camera.updateMatrixWorld();
}
