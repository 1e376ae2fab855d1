/** How long frames take: JavaScript per frame and the interval between frames that follow each other. */

const KEPT = 120;

const median = (values) => {
  if (!values.length) return 0;
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
};

export function createStats() {
  const [work, intervals] = [[], []];
  let [last, frames, smooth] = [null, 0, true];
  const keep = (list, value) => {
    list.push(value);
    if (list.length > KEPT) list.shift();
  };
  return {
    /** @param {number} now @param {number} spent ms of JavaScript @param {{moving: boolean, smooth: boolean}} how */
    frame(now, spent, how) {
      frames++;
      smooth = how.smooth;
      keep(work, spent);
      if (last !== null && how.moving) keep(intervals, now - last);
      last = now;
    },
    /** The next frame does not follow the last one. */
    pause() {
      last = null;
    },
    /** Recent interval between frames, ms. */
    interval: () => median(intervals.slice(-9)),
    read: () => ({
      js_ms: median(work),
      fps: intervals.length ? 1000 / median(intervals) : 0,
      frames,
      smooth,
    }),
    reset() {
      work.length = intervals.length = 0;
    },
  };
}
