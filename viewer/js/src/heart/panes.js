/** One heart, or the model's and the expert's side by side under one camera. */

/** Captions above the two hearts. */
function caption(words, small, left) {
  const element = document.createElement("div");
  element.className = "heart-caption";
  element.style.left = left;
  const more = document.createElement("small");
  more.textContent = small;
  element.append(words, more);
  return element;
}

/** How many hearts a view shows. */
export const panesOf = (view, mask) => (view.compare === "side" && mask && !view.blind ? 2 : 1);

/** @param {HTMLElement} element @param {import("../payload.js").Payload} payload */
export function createPanes(element, payload) {
  const layer = document.createElement("div");
  element.append(layer);
  return {
    apply(view, count) {
      layer.replaceChildren();
      if (count < 2) return;
      const { rater, label, provenance } = payload.meta.annotations[view.mask];
      layer.append(
        caption("model", payload.meta.label, "25%"),
        caption(`expert: ${rater}`, `${label}, ${provenance}`, "75%"),
      );
    },
    /**
     * @param {import("three").WebGLRenderer} renderer
     * @param {{width: number, height: number}} size
     * @param {((pane: number) => void)[]} draws One for each heart.
     */
    draw(renderer, { width, height }, draws) {
      const across = width / draws.length;
      renderer.setScissorTest(draws.length > 1);
      draws.forEach((draw, i) => {
        renderer.setViewport(i * across, 0, across, height);
        renderer.setScissor(i * across, 0, across, height);
        draw(i);
      });
      renderer.setScissorTest(false);
    },
    destroy: () => layer.remove(),
  };
}
