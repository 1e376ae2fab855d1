/** The heart: evidence on the ventricles, what lies around them, and what the pointer does there. */

import { createActs } from "./acts.js";
import { fourChamber, STANDARD } from "./camera.js";
import { createContents } from "./contents.js";
import { createCut, depthThrough } from "./cut.js";
import { createOrbit } from "./orbit.js";
import { expertMask } from "./outlines.js";
import { createOverlay } from "./overlay.js";
import { panesOf, split } from "./panes.js";
import { composed } from "./picture.js";
import { createCaster, createPointer } from "./pointer.js";
import { createStage } from "./stage.js";

/** Width of a column of text at 300 dots per inch and more. */
const PRINT_PIXELS = 2400;
/** Keys whose change moves coefficients, the path's marker or the camera, and nothing else. */
const MOVING = new Set(["t_ms", "hover_t", "stats", "hover", "camera", "playing", "range_shown"]);
/** Keys whose change the canvas does not show. */
const UNSEEN = new Set(["hover", "hover_t", "stats", "playing", "range_shown", "camera"]);

/**
 * @param {HTMLElement} element
 * @param {import("../payload.js").Payload} payload
 * @param {import("../state.js").State} state
 * @param {ReturnType<typeof import("../stats.js").createStats>} stats
 */
export function createHeart(element, payload, state, stats) {
  const contents = createContents(payload);
  const count = () => panesOf(state.get(), expertMask(payload, state.get()));
  const stage = createStage(element, paint, stats, rest);
  const orbit = createOrbit(stage.canvas, () => framed(payload, state.get()), state, stage.request);
  const cut = createCut(payload, contents.cuts, orbit.eye);
  const setView = (name) => look(name, payload, state, orbit);
  const overlay = createOverlay(element, payload, contents, setView);
  const caster = createCaster(contents.surface.mesh, { camera: orbit.camera, panes: count, removed: cut.removed });
  const acts = createActs(payload, state, {
    triangles: contents.surface.index,
    hovering: overlay.hovering,
    pixels: (distance) => split(stage.size, count())[0].height / (2 * distance * Math.tan((orbit.camera.fov * Math.PI) / 360)),
    paint(mask) {
      contents.surface.paint(mask);
      stage.request();
    },
  });
  const pointer = createPointer(stage.canvas, caster.cast, acts, orbit.controls);

  function paint({ renderer, width, height, unit, ratio }) {
    const view = state.get();
    const [pane] = split({ width, height }, count());
    const flying = orbit.update(pane);
    const draw = (what) => () => {
      contents.surface.show(view, what);
      renderer.render(contents.scene, orbit.camera);
    };
    const hearts = [draw(view.blind ? "none" : "map"), draw("expert")].slice(0, count());
    contents.pixels(unit, ratio);
    overlay.panes.draw(renderer, { width, height, unit }, hearts);
    overlay.frame(orbit.camera, pane);
    return flying;
  }

  function rest() {
    overlay.words.settle(caster.hidden);
    overlay.frame(orbit.camera, split(stage.size, count())[0]);
  }

  function apply(view) {
    const ends = contents.range.of(view);
    contents.apply(view);
    cut.apply(view);
    overlay.apply(view, ends, count());
    stage.canvas.dataset.tool = view.tool;
    state.set({ range_shown: ends.high });
  }

  function follow(view, changed = new Set(["all"])) {
    if ([...changed].every((key) => UNSEEN.has(key))) return;
    if (changed.has("torso")) orbit.look(orbit.side());
    if (![...changed].every((key) => MOVING.has(key))) apply(view);
    contents.time(view);
    stage.request();
  }

  const off = state.on(null, follow);
  follow(state.get());
  stage.resize();
  return {
    setView,
    range: () => contents.range.of(state.get()),
    /** The heart alone as PNG, as large as the pane, on nothing. @returns {Promise<Blob>} */
    png: () => stage.picture(stage.renderer.getPixelRatio(), (canvas) => new Promise((done) => canvas.toBlob(done))),
    /**
     * The heart as PNG for print, with title, colour bar and unit.
     * @param {number} [pixels] Width of the picture.
     * @returns {Promise<Blob>}
     */
    print(pixels = PRINT_PIXELS) {
      rest();
      const view = state.get();
      const ends = contents.range.of(view);
      const take = (canvas, scale) => composed(element, payload, view, { canvas, ends, scale });
      return stage.picture(pixels / stage.size.width, take);
    },
    camera: orbit.camera,
    destroy() {
      off();
      for (const part of [pointer, orbit, overlay, stage]) part.destroy();
      contents.dispose();
    },
  };
}

/** What a view is to have in the picture. */
const framed = (payload, view) => (view.torso && payload.arrays.torso_points) || payload.arrays.points;

/** Looks from a standard side; the four-chamber view opens the heart as well. */
function look(name, payload, state, orbit) {
  const chambers = name === "four-chamber" ? fourChamber(payload) : null;
  if (chambers) {
    const depth = depthThrough(payload, chambers.eye, chambers.through);
    state.set({ cut: { on: true, depth, normal: chambers.eye } });
  }
  const view = chambers ?? STANDARD[name];
  if (view) orbit.look(view);
}
