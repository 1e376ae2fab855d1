/** Which way the patient lies: a small cube that turns with the heart; its faces are buttons for the standard views. */

import { Matrix4, Vector3 } from "three";

const HALF = 19;
/** Faces turned farther from the eye are slivers whose letter nobody reads; the cosine of that turn. */
const EDGE = 0.15;

/** Outward direction and what is up of each face, LPS; the letter on it; the view from there. */
const FACES = [
  { letter: "A", name: "anterior", out: [0, -1, 0], up: [0, 0, 1], view: "AP" },
  { letter: "P", name: "posterior", out: [0, 1, 0], up: [0, 0, 1], view: "PA" },
  { letter: "L", name: "left", out: [1, 0, 0], up: [0, 0, 1], view: "left lateral" },
  { letter: "R", name: "right", out: [-1, 0, 0], up: [0, 0, 1], view: "right lateral" },
  { letter: "S", name: "superior", out: [0, 0, 1], up: [0, -1, 0], view: "superior" },
  { letter: "I", name: "inferior", out: [0, 0, -1], up: [0, -1, 0], view: "inferior" },
];

/** Axes of the page as columns: its y runs down. */
const PAGE = new Matrix4().makeScale(1, -1, 1);

/** Place of a face on the page, given the camera's turn. */
function placed(turn, { out, up }) {
  const [z, y] = [new Vector3(...out), new Vector3(...up).negate()];
  const x = new Vector3().crossVectors(new Vector3(...up), z);
  const face = new Matrix4().makeBasis(x, y, z).setPosition(z.clone().multiplyScalar(HALF));
  return new Matrix4().multiplyMatrices(turn, face);
}

/**
 * @param {HTMLElement} element
 * @param {(view: string) => void} look
 */
export function createCube(element, look) {
  const box = document.createElement("div");
  box.className = "heart-cube";
  const faces = FACES.map((face) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = face.letter;
    button.title = button.ariaLabel = `Look from ${face.name}`;
    button.addEventListener("click", () => look(face.view));
    box.append(button);
    return { ...face, button };
  });
  element.append(box);
  const turn = new Matrix4();
  let before = "";
  return {
    /** @param {import("three").Camera} camera */
    frame(camera) {
      turn.extractRotation(camera.matrixWorldInverse).premultiply(PAGE);
      const now = turn.elements.join();
      if (now === before) return;
      before = now;
      for (const face of faces) {
        const matrix = placed(turn, face);
        face.button.style.transform = `matrix3d(${matrix.elements.map((value) => value.toFixed(5)).join()})`;
        // Chromium hits the farther of two faces at times; only those that face the eye are seen and pressed.
        face.button.style.visibility = matrix.elements[10] > EDGE ? "visible" : "hidden";
      }
    },
    destroy: () => box.remove(),
  };
}
