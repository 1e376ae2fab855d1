/** A whole recording on a strip: R peaks or, where they lie too close, the heart rate; net evidence of each page. */

import { h } from "../panels/dom.js";

/** More peaks than this to 100 pixels run together. */
const DENSEST = 25;
const RATES = [40, 180];
const [FOR, AGAINST, ACCENT] = ["--ecg-for", "--ecg-against", "--ecg-accent"];

/**
 * Heart rate along a recording.
 *
 * @param {number[]} peaks_ms
 * @returns {{t_ms: number, rate: number}[]} beats per minute, at the end of each interval
 */
export function ratesOf(peaks_ms) {
  return peaks_ms.slice(1).map((t_ms, i) => ({ t_ms, rate: 60000 / (t_ms - peaks_ms[i]) }));
}

/** @param {{pages: any, clocks: import("./clocks.js").Clocks}} what */
export function createOverview({ pages, clocks }) {
  const canvas = h("canvas", { "aria-hidden": "true" });
  const whole = clocks.recording_ms ?? 1;
  const rates = ratesOf(clocks.peaks_ms);
  return {
    canvas,
    /** @param {any} view */
    draw(view) {
      const [width, height] = [canvas.clientWidth, canvas.clientHeight];
      if (!width || !height) return;
      const density = Math.min(2, Math.max(1, globalThis.devicePixelRatio || 1));
      [canvas.width, canvas.height] = [Math.round(width * density), Math.round(height * density)];
      const ink = canvas.getContext("2d");
      const style = getComputedStyle(canvas);
      const colour = (/** @type {string} */ name) => style.getPropertyValue(name).trim() || "#888888";
      ink.setTransform(density, 0, 0, density, 0, 0);
      const x = (/** @type {number} */ t_ms) => (width * t_ms) / whole;
      const box = { ink, width, height, x, colour };
      drawWindow(box, pages.span(view.page));
      if (!view.blind) drawNet(box, pages);
      if (clocks.peaks_ms.length < (DENSEST * width) / 100) drawPeaks(box, clocks.peaks_ms);
      else drawRates(box, rates);
    },
  };
}

/** The page that is shown. @param {any} box @param {[number, number]} span */
function drawWindow({ ink, height, x, colour }, [start, end]) {
  ink.fillStyle = colour(ACCENT);
  ink.globalAlpha = 0.22;
  ink.fillRect(x(start), 0, Math.max(2, x(end) - x(start)), height);
  ink.globalAlpha = 1;
}

/** Net evidence of each page as a bar, up for the label and down against it. @param {any} box @param {any} pages */
function drawNet({ ink, width, height, x, colour }, { net, span }) {
  const top = Math.max(...net.map(Math.abs), 1e-12);
  const step = x(span(0)[1]);
  net.forEach((/** @type {number} */ value, /** @type {number} */ i) => {
    const tall = (0.5 * height * Math.abs(value)) / top;
    ink.fillStyle = colour(value > 0 ? FOR : AGAINST);
    ink.globalAlpha = 0.4;
    const wide = Math.max(1, Math.min(step, width - i * step) - 1);
    ink.fillRect(i * step + 0.5, value > 0 ? height / 2 - tall : height / 2, wide, tall);
  });
  ink.globalAlpha = 1;
}

/** @param {any} box @param {number[]} peaks_ms */
function drawPeaks({ ink, height, x, colour }, peaks_ms) {
  ink.fillStyle = colour("--ecg-fg");
  for (const r of peaks_ms) ink.fillRect(x(r) - 0.5, 0.25 * height, 1, 0.5 * height);
}

/** @param {any} box @param {{t_ms: number, rate: number}[]} rates */
function drawRates({ ink, height, x, colour }, rates) {
  ink.strokeStyle = colour("--ecg-fg");
  ink.beginPath();
  for (const { t_ms, rate } of rates) {
    const share = (Math.min(RATES[1], Math.max(RATES[0], rate)) - RATES[0]) / (RATES[1] - RATES[0]);
    ink.lineTo(x(t_ms), height - 1 - share * (height - 2));
  }
  ink.stroke();
}
