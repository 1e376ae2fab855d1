/**
 * The canvas: draws when something changed and only then, at most once per frame of the screen, with
 * smooth edges while nothing moves and without them when moving would stutter. Survives a lost WebGL
 * context and gives its own back at the end.
 */

import { ColorManagement, LinearSRGBColorSpace, WebGLRenderer, WebGLRenderTarget } from "three";
import { createCopy } from "./copy.js";

// Colours are written as they are seen; see shaders.js.
ColorManagement.enabled = false;

const MAX_PIXEL_RATIO = 2;
const SMOOTH_SAMPLES = 4;
const STUTTER_MS = 40;
const REST_MS = 160;

/** Whether this browser draws WebGL 2 at all. */
export function webglWorks() {
  const context = document.createElement("canvas").getContext("webgl2");
  context?.getExtension("WEBGL_lose_context")?.loseContext();
  return Boolean(context);
}

/**
 * @param {HTMLElement} element The canvas fills it.
 * @param {(stage: {renderer: WebGLRenderer, width: number, height: number, unit: number, ratio: number}) => boolean | void} paint
 *   Draws one frame of `unit` viewport pixels and `ratio` pixels per pixel of the page; true if the next one is to
 *   follow at once.
 * @param {ReturnType<typeof import("../stats.js").createStats>} stats
 * @param {() => void} [rested] Told once nothing has moved for a moment.
 */
export function createStage(element, paint, stats, rested = () => {}) {
  const renderer = new WebGLRenderer({ antialias: false, alpha: true, preserveDrawingBuffer: false });
  renderer.outputColorSpace = LinearSRGBColorSpace;
  renderer.localClippingEnabled = true;
  renderer.autoClear = false;
  const canvas = renderer.domElement;
  canvas.className = "heart-canvas";
  element.append(canvas);
  const target = new WebGLRenderTarget(4, 4, { samples: SMOOTH_SAMPLES });
  const copy = createCopy();
  const size = { width: 1, height: 1 };
  let [frame, rest, lost, moving] = [0, 0, false, false];

  function draw(smooth) {
    renderer.setRenderTarget(smooth ? target : null);
    renderer.clear();
    // Off the screen a viewport is counted in pixels of the target, on it in pixels of the page.
    const ratio = renderer.getPixelRatio();
    const more = paint({ renderer, ...size, unit: smooth ? ratio : 1, ratio });
    if (smooth) {
      renderer.setRenderTarget(null);
      copy.draw(renderer, target.texture, size);
    }
    stats.drawn();
    return more;
  }

  function tick(now) {
    frame = 0;
    if (lost) return;
    const start = performance.now();
    const smooth = !moving || stats.interval() < STUTTER_MS;
    const more = draw(smooth);
    stats.frame(now, performance.now() - start, { moving, smooth });
    if (more) request();
    else settle(smooth);
  }

  /** Once nothing has moved for a moment, edges are drawn smooth again. */
  function settle(smooth) {
    clearTimeout(rest);
    rest = setTimeout(() => {
      moving = false;
      stats.pause();
      rested();
      if (!smooth) still();
    }, REST_MS);
  }

  function still() {
    if (!frame) frame = requestAnimationFrame(tick);
  }

  function request() {
    clearTimeout(rest);
    moving = true;
    still();
  }

  function resize() {
    const [width, height] = [element.clientWidth, element.clientHeight];
    if (!width || !height) return;
    const ratio = Math.min(globalThis.devicePixelRatio || 1, MAX_PIXEL_RATIO);
    renderer.setPixelRatio(ratio);
    renderer.setSize(width, height);
    target.setSize(Math.round(width * ratio), Math.round(height * ratio));
    Object.assign(size, { width, height });
    if (lost) return;
    draw(true); // at once: a resized canvas is empty until it is drawn again
  }

  const onLost = (event) => {
    event.preventDefault();
    lost = true;
    stats.lost();
  };
  const onRestored = () => {
    lost = false;
    still();
  };
  canvas.addEventListener("webglcontextlost", onLost);
  canvas.addEventListener("webglcontextrestored", onRestored);
  const watcher = new ResizeObserver(resize);
  watcher.observe(element);

  return {
    renderer,
    canvas,
    size,
    /** Asks for a frame of something that moves. */
    request,
    /** Asks for a frame of something that stands. */
    still,
    resize,
    /**
     * Draws larger than the screen needs and hands the canvas over while it holds the picture.
     * @template T
     * @param {number} scale Pixels of the picture per pixel of the page.
     * @param {(canvas: HTMLCanvasElement, scale: number) => T} take
     * @returns {T}
     */
    picture(scale, take) {
      const most = Math.min(scale, renderer.capabilities.maxTextureSize / Math.max(size.width, size.height));
      const before = renderer.getPixelRatio();
      const sized = (ratio) => {
        renderer.setPixelRatio(ratio);
        target.setSize(Math.round(size.width * ratio), Math.round(size.height * ratio));
        draw(true);
      };
      sized(most);
      const taken = take(canvas, most);
      sized(before);
      return taken;
    },
    destroy() {
      cancelAnimationFrame(frame);
      clearTimeout(rest);
      watcher.disconnect();
      canvas.removeEventListener("webglcontextlost", onLost);
      canvas.removeEventListener("webglcontextrestored", onRestored);
      copy.dispose();
      target.dispose();
      renderer.dispose();
      renderer.forceContextLoss();
      canvas.remove();
    },
  };
}
