/** Times of the beat and of the recording, and how one becomes the other. */

/**
 * @typedef {object} Clocks
 * @property {number} fs Hz of the beat
 * @property {[number, number]} beat_ms first and last time of the beat, relative to R
 * @property {number|null} recording_ms
 * @property {number} recording_fs
 * @property {number[]} peaks_ms R peaks in the recording
 */

/**
 * @param {any} meta of the payload
 * @param {boolean} has_recording whether the payload brings the recording's samples
 * @returns {Clocks}
 */
export function clocksOf(meta, has_recording) {
  const { n, dt_ms, r_index } = meta.beat;
  const recording = has_recording ? meta.recording : null;
  const fs = recording?.fs ?? meta.fs;
  return {
    fs: meta.fs,
    beat_ms: [-r_index * dt_ms, (n - 1 - r_index) * dt_ms],
    recording_ms: recording ? (recording.n / fs) * 1000 : null,
    recording_fs: fs,
    peaks_ms: recording ? recording.r_peaks.map((/** @type {number} */ r) => (r / fs) * 1000) : [],
  };
}

/**
 * Find the beat a moment of the recording belongs to: the one whose span holds it and whose R is nearest.
 *
 * @param {Clocks} clocks @param {number} t_ms on the recording
 * @returns {{beat: number, t_ms: number}|null} index of the R peak and the time relative to it
 */
export function phaseOf(clocks, t_ms) {
  let beat = -1;
  clocks.peaks_ms.forEach((r, i) => {
    if (beat < 0 || Math.abs(t_ms - r) < Math.abs(t_ms - clocks.peaks_ms[beat])) beat = i;
  });
  if (beat < 0) return null;
  const [first, last] = clocks.beat_ms;
  return { beat, t_ms: Math.min(last, Math.max(first, t_ms - clocks.peaks_ms[beat])) };
}

const NAMES = [
  ["p_onset", "P"],
  ["p_end", "P end"],
  ["qrs_onset", "QRS"],
  ["j_point", "J"],
  ["t_peak", "T"],
  ["t_end", "T end"],
];

/**
 * Name the fiducial points that are there, in order of time.
 *
 * @param {any} fiducials_ms
 * @returns {{name: string, t_ms: number, end: boolean}[]} ends of waves need no name beside their wave's
 */
export function marksOf(fiducials_ms) {
  return NAMES.filter(([key]) => Number.isFinite(fiducials_ms?.[key])).map(([key, name]) => ({
    name,
    t_ms: fiducials_ms[key],
    end: key.endsWith("_end"),
  }));
}
