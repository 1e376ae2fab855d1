/** Lets time run while the view plays, as fast as it says and round the part of the beat it says. */

import { beatSpan } from "./map.js";
import { partOf } from "./panels/words.js";

/** Longest step, ms of real time: a page that was hidden does not jump. */
const LONGEST_MS = 100;

/**
 * What is played: the whole beat or one wave.
 * @param {import("./payload.js").Payload} payload
 * @param {string} loop "beat", "P", "QRS", "ST" or "T"
 * @returns {[number, number]} ms relative to the R peak
 */
export function loopSpan(payload, loop) {
  return partOf(payload.meta.fiducials_ms, loop) ?? beatSpan(payload);
}

/** Where time is after a step, round the loop. */
export function advanced(t, step, [start, end]) {
  const length = end - start;
  if (!(length > 0)) return start;
  if (t < start || t > end) return start;
  return start + ((t - start + step) % length);
}

/**
 * What a step of time changes: the time, and on a recording the beat, once its own is over.
 * @param {import("./payload.js").Payload} payload
 * @param {Object<string, any>} view
 * @param {number} step ms
 */
export function stepped(payload, view, step) {
  const t_ms = advanced(view.t_ms, step, loopSpan(payload, view.loop));
  const beats = payload.meta.recording?.r_peaks.length ?? 0;
  if (t_ms >= view.t_ms || view.source !== "recording" || view.loop !== "beat" || !beats) return { t_ms };
  return { t_ms, beat: ((view.beat ?? 0) + 1) % beats };
}

/**
 * @param {import("./payload.js").Payload} payload
 * @param {import("./state.js").State} state
 * @param {{spend: (ms: number) => void}} stats Told how long the page took to follow.
 */
export function createClock(payload, state, stats) {
  let [frame, last] = [0, null];
  function tick(now) {
    const view = state.get();
    frame = 0;
    if (!view.playing) return;
    if (last !== null) {
      const step = Math.min(now - last, LONGEST_MS) * view.speed;
      const start = performance.now();
      state.set(stepped(payload, view, step));
      stats.spend(performance.now() - start);
    }
    last = now;
    frame = requestAnimationFrame(tick);
  }
  function follow() {
    last = null;
    if (state.get().playing && !frame) frame = requestAnimationFrame(tick);
  }
  const off = state.on(["playing"], follow);
  follow();
  return {
    destroy() {
      off();
      cancelAnimationFrame(frame);
    },
  };
}
