/** How long frames take: all JavaScript of a frame, and the interval between frames that follow each other. */

const KEPT = 240;
/** Frames over which the recent interval is taken. */
const RECENT = 9;

/** Middle of a few numbers; 0 of none. */
export function median(values) {
  if (!values.length) return 0;
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

/** @param {number[]} work @param {number[]} intervals */
const summary = (work, intervals) => ({
  js_ms: [...work],
  js_ms_median: median(work),
  frame_ms: [...intervals],
  fps: intervals.length ? 1000 / median(intervals) : 0,
});

export function createStats() {
  const [work, intervals] = [[], []];
  let [last, frames, contextsLost, smooth, pending, first] = [null, 0, 0, true, 0, null];
  const keep = (list, value) => {
    list.push(value);
    if (list.length > KEPT) list.shift();
  };
  return {
    /** A picture is there; the first counts from when the page was asked for. */
    drawn() {
      first ??= performance.now();
    },
    /** JavaScript that belongs to the frame to come. @param {number} ms */
    spend(ms) {
      pending += ms;
    },
    /** @param {number} now @param {number} spent ms of drawing @param {{moving: boolean, smooth: boolean}} how */
    frame(now, spent, how) {
      frames++;
      smooth = how.smooth;
      keep(work, pending + spent);
      pending = 0;
      if (last !== null && how.moving) keep(intervals, now - last);
      last = now;
    },
    /** The next frame does not follow the last one. */
    pause() {
      last = null;
    },
    lost() {
      contextsLost++;
    },
    /** Recent interval between frames, ms. */
    interval: () => median(intervals.slice(-RECENT)),
    read: () => ({ ...summary(work, intervals), frames, smooth, first_ms: first, contexts_lost: contextsLost }),
    reset() {
      work.length = intervals.length = 0;
    },
  };
}
