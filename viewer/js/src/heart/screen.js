/** The canvas and how it is filled: straight, or through a target with several samples per pixel. */

import { ColorManagement, LinearSRGBColorSpace, WebGLRenderer, WebGLRenderTarget } from "three";
import { createCopy } from "./copy.js";

// Colours are written as they are seen; see shaders.js.
ColorManagement.enabled = false;

const MAX_PIXEL_RATIO = 2;
const SMOOTH_SAMPLES = 4;

/**
 * A canvas that WebGL 2 draws on; null where this browser has none.
 * @returns {{canvas: HTMLCanvasElement, context: WebGL2RenderingContext} | null}
 */
export function openCanvas() {
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("webgl2", { alpha: true, antialias: false, depth: true, stencil: false });
  return context && { canvas, context };
}

/** @param {HTMLElement} element The canvas fills it. */
function makeRenderer(element, { canvas, context }) {
  const renderer = new WebGLRenderer({ canvas, context, antialias: false, alpha: true });
  renderer.debug.checkShaderErrors = false; // asking makes the page wait for the compiler
  renderer.outputColorSpace = LinearSRGBColorSpace;
  renderer.localClippingEnabled = true;
  renderer.autoClear = false;
  renderer.domElement.className = "heart-canvas";
  renderer.domElement.setAttribute("role", "img");
  renderer.domElement.ariaLabel = "The heart with its evidence; what it shows is said in words below it";
  element.append(renderer.domElement);
  return renderer;
}

/**
 * @typedef {Object} Size
 * @property {number} width Of the pane, pixels of the page.
 * @property {number} height
 * @property {number} unit Viewport pixels to a pixel of the page: off the screen a viewport is counted in pixels of
 *   the target, on it in pixels of the page.
 * @property {number} ratio Pixels drawn to a pixel of the page.
 */

/**
 * Draws frames straight or through a target with several samples per pixel.
 * @param {WebGLRenderer} renderer
 * @param {(renderer: WebGLRenderer, size: Size) => boolean | void} paint
 * @param {{width: number, height: number}} size Of the pane.
 */
function createDrawing(renderer, paint, size) {
  const target = new WebGLRenderTarget(4, 4, { samples: SMOOTH_SAMPLES });
  const copy = createCopy();
  return {
    scale(ratio) {
      renderer.setPixelRatio(ratio);
      target.setSize(Math.round(size.width * ratio), Math.round(size.height * ratio));
    },
    /** @param {boolean} smooth Whether edges are smoothed. */
    draw(smooth) {
      const ratio = renderer.getPixelRatio();
      renderer.setRenderTarget(smooth ? target : null);
      renderer.clear();
      const more = paint(renderer, { ...size, unit: smooth ? ratio : 1, ratio });
      if (!smooth) return more;
      renderer.setRenderTarget(null);
      copy.draw(renderer, target.texture, size);
      return more;
    },
    dispose() {
      copy.dispose();
      target.dispose();
    },
  };
}

/**
 * @param {HTMLElement} element
 * @param {NonNullable<ReturnType<typeof openCanvas>>} opened
 * @param {(renderer: WebGLRenderer, size: Size) => boolean | void} paint Draws one frame; true if the next is to follow.
 */
export function createScreen(element, opened, paint) {
  const renderer = makeRenderer(element, opened);
  const { canvas } = opened;
  const size = { width: 1, height: 1 };
  const { scale, draw, dispose } = createDrawing(renderer, paint, size);
  return {
    canvas,
    size,
    draw,
    /** Takes the size of the pane. @returns {boolean} Whether there is anything to draw on. */
    resize() {
      const { clientWidth: width, clientHeight: height } = element;
      if (!width || !height) return false;
      Object.assign(size, { width, height });
      renderer.setSize(width, height);
      scale(Math.min(globalThis.devicePixelRatio || 1, MAX_PIXEL_RATIO));
      return true;
    },
    /**
     * Draws smooth and hands the canvas over while it holds the picture.
     * @template T
     * @param {(canvas: HTMLCanvasElement, ratio: number) => T} take
     * @param {number} [ratio] Pixels of the picture per pixel of the page; the screen's own by default.
     * @returns {T}
     */
    picture(take, ratio = renderer.getPixelRatio()) {
      const before = renderer.getPixelRatio();
      const most = Math.min(ratio, renderer.capabilities.maxTextureSize / Math.max(size.width, size.height));
      const drawn = (at) => (scale(at), draw(true));
      drawn(most);
      const taken = take(canvas, most);
      drawn(before);
      return taken;
    },
    destroy() {
      dispose();
      renderer.dispose();
      renderer.forceContextLoss();
      canvas.remove();
    },
  };
}
