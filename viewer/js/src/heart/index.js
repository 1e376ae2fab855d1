/** The heart: evidence on the ventricles, what lies around them, and what the pointer does there. */

import { heartViews, mapValues } from "../map.js";
import { bestView } from "../panels/best_view.js";
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

/** Width of a picture for print: a column of text at 300 dots per inch and more. */
const PRINT_PIXELS = 2400;
/** Keys whose change the canvas does not show, or that the camera follows by itself. */
const UNSEEN = new Set(["hover", "hover_t", "stats", "playing", "range_shown", "camera"]);
/** Keys whose change moves coefficients and the path's marker, and nothing else. */
const MOVING = new Set([...UNSEEN, "t_ms"]);

/**
 * @param {HTMLElement} element
 * @param {import("../payload.js").Payload} payload
 * @param {import("../state.js").State} state
 * @param {{
 *   stats: ReturnType<typeof import("../stats.js").createStats>,
 *   opened: NonNullable<ReturnType<typeof import("./screen.js").openCanvas>>,
 * }} given
 */
export function createHeart(element, payload, state, given) {
  const heart = assembled(element, payload, state, given);
  const { contents, orbit, stage } = heart;
  const off = state.on(null, (view, changed) => follow(heart, view, changed));
  follow(heart, state.get(), new Set(["everything"]));
  stage.resize();
  return {
    setView: heart.look,
    /** Turns the heart under the eye by degrees: `{right, up, nearer}`. */
    turn: orbit.turn,
    range: () => contents.range.of(state.get()),
    camera: orbit.camera,
    /** The heart alone as PNG, as large as the pane, on nothing. @returns {Promise<Blob>} */
    png: () => stage.picture((canvas) => new Promise((done) => canvas.toBlob(done))),
    /**
     * The heart as PNG for print, with title, colour bar and unit.
     * @param {number} [pixels] Width of the picture.
     * @returns {Promise<Blob>}
     */
    print(pixels = PRINT_PIXELS) {
      rest(heart);
      const view = state.get();
      const ends = contents.range.of(view);
      const take = (canvas, scale) => composed(element, payload, view, { canvas, ends, scale });
      return stage.picture(take, pixels / stage.size.width);
    },
    destroy() {
      off();
      for (const part of [heart.pointer, orbit, heart.overlay, stage]) part.destroy();
      contents.dispose();
    },
  };
}

/** All parts of the heart, which know of each other through this one value. */
function assembled(element, payload, state, { stats, opened }) {
  const heart = { payload, state, contents: createContents(payload) };
  const { surface, cuts } = heart.contents;
  const act = { paint: (renderer, size) => paint(heart, renderer, size), rested: () => rest(heart) };
  const stage = createStage(element, opened, act, stats);
  const shown = { framed: () => framedBy(payload, state.get()), first: () => firstSide(payload, state.get()) };
  const orbit = createOrbit(stage.canvas, shown, state, stage.request);
  const cut = createCut(payload, cuts, orbit.eye);
  const look = (name) => lookFrom(heart, name);
  const overlay = createOverlay(element, payload, heart.contents, look);
  const count = () => panesOf(state.get(), expertMask(payload, state.get()), payload.meta.rival);
  const caster = createCaster(surface.geometry, { camera: orbit.camera, panes: count, removed: cut.removed });
  const acts = createActs(payload, state, {
    triangles: surface.index,
    hovering: overlay.hovering,
    pixels: (distance) => split(stage.size, count())[0].height / (2 * distance * Math.tan(orbit.camera.fov * HALF_TURN)),
    paint(mask) {
      surface.paint(mask);
      stage.request();
    },
  });
  const pointer = createPointer(stage.canvas, caster.cast, acts, orbit.controls);
  return Object.assign(heart, { stage, orbit, cut, look, overlay, count, caster, pointer });
}

/** Points that a view is to have in the picture: what it shows. */
function framedBy({ arrays }, view) {
  if (view.torso && arrays.torso_points) return arrays.torso_points;
  const alone = view.cut.on || !view.atria;
  return alone ? arrays.points.filter((_, i) => arrays.ventricles[Math.floor(i / 3)]) : arrays.points;
}

/** The side from which most evidence is seen; a blind reader is not told by it. */
function firstSide(payload, view) {
  const whole = { ...view, map: "average", sign: "for", mode: "integral", interval_ms: null, cluster: null, lead_pick: null };
  const name = view.blind ? null : bestView(payload, mapValues(payload, whole));
  return STANDARD[name ?? "AP"];
}

/** Half an angle in degrees, as radians. */
const HALF_TURN = Math.PI / 360;

/** Draws a frame; true while the camera is on its way. */
function paint({ payload, state, contents, orbit, overlay, count }, renderer, size) {
  const view = state.get();
  const [pane] = split(size, count());
  const flying = orbit.update(pane);
  const draw = (what, shown = view) => () => {
    contents.surface.show(shown, what);
    renderer.render(contents.scene, orbit.camera);
  };
  const drawn = (one) => () => {
    contents.surface.update(one);
    draw("map", one)();
  };
  contents.pixels(size.unit, size.ratio);
  const both = heartViews(payload, view);
  const draws = both.length > 1 ? both.map(drawn) : [draw(view.blind ? "none" : "map"), draw("expert")];
  overlay.panes.draw(renderer, size, draws.slice(0, count()));
  overlay.frame(orbit.camera, pane);
  return flying;
}

/** What is too slow for every frame, once nothing moves. */
function rest({ caster, count, orbit, overlay, stage }) {
  overlay.words.settle(caster.hidden);
  overlay.frame(orbit.camera, split(stage.size, count())[0]);
}

/** Follows a change of the state with as little work as it needs. */
function follow(heart, view, changed) {
  const { contents, orbit, stage } = heart;
  const all = (keys) => [...changed].every((key) => keys.has(key));
  if (all(UNSEEN)) return;
  if (changed.has("torso") && !changed.has("camera")) orbit.look(orbit.side());
  if (!all(MOVING)) apply(heart, view);
  contents.time(view);
  stage.request();
}

/** Everything but time. */
function apply({ contents, cut, overlay, stage, state, count }, view) {
  const ends = contents.range.of(view);
  contents.apply(view);
  cut.apply(view);
  overlay.apply(view, ends, count());
  stage.canvas.dataset.tool = view.tool;
  state.set({ range_shown: ends.high });
}

/** Looks from a standard side; the four-chamber view opens the heart as well. */
function lookFrom({ payload, state, orbit }, name) {
  const chambers = name === "four-chamber" ? fourChamber(payload) : null;
  if (chambers) {
    const depth = depthThrough(payload, chambers.eye, chambers.through);
    state.set({ cut: { on: true, depth, normal: chambers.eye } });
  }
  const view = chambers ?? STANDARD[name];
  if (view) orbit.look(view);
}
