/**
 * When the canvas is drawn: when something changed and only then, at most once per frame of the screen, with
 * smooth edges while nothing moves and without them when moving would stutter. Survives a lost WebGL context.
 */

import { createScreen } from "./screen.js";

const STUTTER_MS = 40;
const REST_MS = 160;

/**
 * @param {HTMLElement} element The canvas fills it.
 * @param {Parameters<typeof createScreen>[1]} opened
 * @param {{paint: Parameters<typeof createScreen>[2], rested: () => void}} act `rested` is told once nothing has moved
 *   for a moment.
 * @param {ReturnType<typeof import("../stats.js").createStats>} stats
 */
export function createStage(element, opened, { paint, rested }, stats) {
  const screen = createScreen(element, opened, paint);
  const loop = createLoop(screen, stats, rested);
  const resize = () => screen.resize() && loop.now();
  const release = follow(screen.canvas, {
    webglcontextlost(event) {
      event.preventDefault();
      stats.lost();
      loop.hold(true);
    },
    webglcontextrestored: () => loop.hold(false),
  });
  const watcher = new ResizeObserver(resize);
  watcher.observe(element);
  return {
    canvas: screen.canvas,
    size: screen.size,
    picture: screen.picture,
    /** Asks for a frame of something that moves. */
    request: loop.request,
    resize,
    destroy() {
      loop.stop();
      watcher.disconnect();
      release();
      screen.destroy();
    },
  };
}

function follow(target, listeners) {
  for (const [name, heard] of Object.entries(listeners)) target.addEventListener(name, heard);
  return () => {
    for (const [name, heard] of Object.entries(listeners)) target.removeEventListener(name, heard);
  };
}

/** One frame to come, and one rest; asking again puts the rest off. */
function createTimers(tick, settle) {
  let [frame, timer] = [0, 0];
  return {
    frame() {
      clearTimeout(timer);
      if (frame) return;
      frame = requestAnimationFrame((now) => {
        frame = 0;
        tick(now);
      });
    },
    rest(smooth) {
      timer = setTimeout(settle, REST_MS, smooth);
    },
    stop() {
      cancelAnimationFrame(frame);
      clearTimeout(timer);
    },
  };
}

/** Frames that follow each other while something moves, and one smooth frame when it rests. */
function createLoop(screen, stats, rested) {
  let [held, moving] = [false, false];
  const timers = createTimers(tick, settle);

  function tick(now) {
    if (held) return;
    const start = performance.now();
    const smooth = !moving || stats.interval() < STUTTER_MS;
    const more = screen.draw(smooth);
    stats.drawn();
    stats.frame(now, performance.now() - start, { moving, smooth });
    if (more) timers.frame();
    else timers.rest(smooth);
  }

  function settle(smooth) {
    moving = false;
    stats.pause();
    rested();
    if (!smooth) timers.frame();
  }

  return {
    request() {
      moving = true;
      timers.frame();
    },
    /** Draws at once: a resized canvas is empty until it is drawn again. */
    now() {
      if (held) return;
      screen.draw(true);
      stats.drawn();
    },
    /** @param {boolean} on Whether there is nothing to draw on for now. */
    hold(on) {
      held = on;
      if (!on) timers.frame();
    },
    stop: timers.stop,
  };
}
