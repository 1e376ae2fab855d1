/** The way from one look at the heart to another, for the eye to follow. */

import { Matrix4, Quaternion, Vector3 } from "three";

const LASTS_MS = 350;

const vector = (values) => new Vector3(...values);

/** Turn of a camera: its axes as one rotation. */
function turn({ position, target, up }) {
  return new Quaternion().setFromRotationMatrix(new Matrix4().lookAt(vector(position), vector(target), vector(up)));
}

/**
 * The look a share of the way, turning and moving at once.
 * @param {import("./camera.js").CameraValue} from
 * @param {import("./camera.js").CameraValue} to
 * @param {number} share 0 to 1
 * @returns {import("./camera.js").CameraValue}
 */
export function between(from, to, share) {
  const turned = turn(from).slerp(turn(to), share);
  const far = ({ position, target }) => vector(position).distanceTo(vector(target));
  const distance = far(from) + share * (far(to) - far(from));
  const target = vector(from.target).lerp(vector(to.target), share);
  const eye = new Vector3(0, 0, 1).applyQuaternion(turned);
  return {
    position: target.clone().addScaledVector(eye, distance).toArray(),
    target: target.toArray(),
    up: new Vector3(0, 1, 0).applyQuaternion(turned).toArray(),
  };
}

/** Starts slowly and ends slowly. */
const eased = (share) => share * share * (3 - 2 * share);

/** One way at a time; none for those who asked their system for less motion. */
export function createFlight() {
  let way = null;
  return {
    /** @returns {boolean} Whether it flies rather than jumps. */
    start(from, to) {
      const still = globalThis.matchMedia?.("(prefers-reduced-motion: reduce)").matches;
      way = still ? null : { from, to, since: performance.now() };
      return Boolean(way);
    },
    stop() {
      way = null;
    },
    /** Where it is now; null once it has arrived. @returns {import("./camera.js").CameraValue | null} */
    now() {
      if (!way) return null;
      const share = Math.min((performance.now() - way.since) / LASTS_MS, 1);
      const at = share < 1 ? between(way.from, way.to, eased(share)) : way.to;
      if (share === 1) way = null;
      return at;
    },
    flying: () => way !== null,
  };
}
