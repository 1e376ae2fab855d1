/** Words beside places of the heart: names of segments and electrodes, hidden where the place cannot be seen. */

import { Vector3 } from "three";

/** Where words go that would lie on others: so many lines away, the nearest first. */
const STEPS = [0, -1, 1, -2, 2, -3, 3];

/** Least cosine between the surface's normal and the direction to the eye. */
const FACING = 0.22;

const vector = (array, v) => new Vector3().fromArray(array, 3 * v);

function mean(points, vertices) {
  const sum = new Vector3();
  for (const v of vertices) sum.add(vector(points, v));
  return sum.divideScalar(vertices.length);
}

/** The point nearest to the middle of what a region shows to the outside, with the normal there. */
function anchors(payload, normals, triangles) {
  const { points, region } = payload.arrays;
  const used = [...new Set(triangles)];
  const centre = mean(points, used);
  const outward = (v) => vector(points, v).sub(centre).normalize().dot(vector(normals, v)) > 0.35;
  const places = [];
  payload.meta.regions.forEach((words, code) => {
    const own = used.filter((v) => region[v] === code);
    if (!own.length) return;
    const outside = own.filter(outward);
    const chosen = outside.length ? outside : own;
    const middle = mean(points, chosen);
    const far = (v) => vector(points, v).distanceToSquared(middle);
    const best = chosen.reduce((a, b) => (far(a) <= far(b) ? a : b));
    places.push({ words, point: vector(points, best), normal: vector(normals, best) });
  });
  return places;
}

function electrodePlaces(payload) {
  const { electrodes } = payload.arrays;
  if (!electrodes) return [];
  return (payload.meta.electrodes ?? [])
    .map((words, i) => ({ words, point: vector(electrodes, i), normal: null }))
    .filter(({ point }) => Number.isFinite(point.x));
}

/**
 * @param {HTMLElement} element
 * @param {import("../payload.js").Payload} payload
 * @param {Float32Array} normals
 * @param {Uint32Array} triangles Of the ventricles.
 */
export function createWords(element, payload, normals, triangles) {
  const layer = document.createElement("div");
  layer.className = "heart-words";
  layer.ariaHidden = "true";
  element.append(layer);
  const groups = { labels: null, electrodes: null };
  const make = { labels: () => anchors(payload, normals, triangles), electrodes: () => electrodePlaces(payload) };

  function written(kind) {
    return make[kind]().map((place) => {
      const label = document.createElement("span");
      label.className = `heart-label heart-label-${kind}`;
      label.textContent = place.words;
      layer.append(label);
      return { ...place, label, behind: place.normal !== null }; // hidden until looked for
    });
  }

  /** Places whose words are wanted. */
  const wanted = () => Object.values(groups).flatMap((places) => places?.filter(({ label }) => !label.hidden) ?? []);

  return {
    apply(view) {
      for (const kind of Object.keys(groups)) {
        if (view[kind]) groups[kind] ??= written(kind);
        for (const { label } of groups[kind] ?? []) label.hidden = !view[kind];
      }
    },
    /** @param {import("three").Camera} camera @param {{width: number, height: number}} pane */
    frame(camera, pane) {
      const taken = [];
      for (const place of wanted()) put(place, camera, pane, taken);
    },
    /**
     * Finds out which places something lies before; too slow for every frame.
     * @param {(point: Vector3) => boolean} hidden
     */
    settle(hidden) {
      for (const place of wanted()) place.behind = place.normal !== null && hidden(place.point);
    },
    destroy: () => layer.remove(),
  };
}

/**
 * Moves words up or down until they lie on none of those before them.
 * @param {{x: number, y: number, width: number, height: number}[]} taken Middles and sizes; what is placed is added.
 * @param {{x: number, y: number, width: number, height: number}} box
 * @returns {number} Where its middle is put.
 */
export function clearOf(taken, { x, y, width, height }) {
  const free = (at) =>
    taken.every(
      (box) => Math.abs(box.x - x) >= (box.width + width) / 2 || Math.abs(box.y - at) >= (box.height + height) / 2,
    );
  const found = STEPS.map((step) => y + step * height).find(free) ?? y;
  taken.push({ x, y: found, width, height });
  return found;
}

function put(place, camera, { width, height }, taken) {
  const { point, normal, label, behind } = place;
  const towards = new Vector3().subVectors(camera.position, point).normalize();
  const flat = point.clone().project(camera);
  const seen = !behind && (!normal || towards.dot(normal) > FACING) && Math.abs(flat.x) < 1 && Math.abs(flat.y) < 1;
  label.style.visibility = seen ? "visible" : "hidden";
  if (!seen) return;
  const [x, y] = [((flat.x + 1) / 2) * width, ((1 - flat.y) / 2) * height];
  place.size ??= { width: label.offsetWidth, height: label.offsetHeight };
  const at = clearOf(taken, { x, y, ...place.size });
  label.style.transform = `translate(${x.toFixed(1)}px, ${at.toFixed(1)}px) translate(-50%, -50%)`;
}
