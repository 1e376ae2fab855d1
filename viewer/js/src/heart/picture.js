/** The heart as a picture for print: what the canvas shows with title, captions, names, colour bar and unit in it. */

import { colourTable } from "../colormaps.js";
import { timeWords } from "../panels/words.js";
import { heartViews } from "../map.js";
import { ticksOf, titleOf } from "./bar.js";
import { tableOf, unitOf } from "./range.js";

const FONT = "system-ui, -apple-system, 'Segoe UI', sans-serif";
const [HEAD, FOOT, SIDE] = [64, 96, 20];

/** Colours of the page, so that light and dark pictures look like it. */
const INKS = {
  light: { paper: "#ffffff", ink: "#1d2126", soft: "#5b636e" },
  dark: { paper: "#181b20", ink: "#eef1f4", soft: "#a3acb8" },
};

function write(context, words, x, y, { size = 13, weight = 400, colour, align = "left" }) {
  context.font = `${weight} ${size}px ${FONT}`;
  context.fillStyle = colour;
  context.textAlign = align;
  context.fillText(words, x, y);
}

/** When the view looks, in words. */
function when(view) {
  if (view.map === "spread") return "whole beat";
  if (view.mode === "instant") return timeWords(view.t_ms);
  return view.interval_ms ? view.interval_ms.map(timeWords).join(" to ") : "summed over the beat";
}

function drawBar(context, payload, seen, ends, { x, y, width, inks }) {
  const [view] = heartViews(payload, seen);
  const table = colourTable(tableOf(view));
  const strip = context.createLinearGradient(x, 0, x + width, 0);
  for (let i = 0; i < 256; i += 5) strip.addColorStop(i / 255, `rgb(${table.slice(4 * i, 4 * i + 3).join()})`);
  context.fillStyle = strip;
  context.fillRect(x, y, width, 10);
  const title = `${titleOf(payload, view)}, ${unitOf(payload, view)}`;
  write(context, title, x + width / 2, y - 8, { weight: 600, colour: inks.ink, align: "center" });
  for (const { at, words } of ticksOf(view, ends)) {
    write(context, words, x + width * at, y + 26, { size: 12, colour: inks.soft, align: "center" });
  }
}

/** A word on a patch of paper, as it lies over the canvas. */
function drawLabel(context, words, { x, y, width, height }, inks) {
  context.globalAlpha = 0.78;
  context.fillStyle = inks.paper;
  context.beginPath();
  context.roundRect(x, y, width, height, 4);
  context.fill();
  context.globalAlpha = 1;
  write(context, words, x + width / 2, y + height / 2 + 4, { size: 11, colour: inks.ink, align: "center" });
}

/** Names of segments and electrodes, and captions: elements over the canvas. */
function drawWords(context, element, inks) {
  const origin = element.getBoundingClientRect();
  const boxOf = (label) => {
    const { x, y, width, height } = label.getBoundingClientRect();
    return { x: x - origin.x, y: HEAD + y - origin.y, width, height };
  };
  for (const label of element.querySelectorAll(".heart-label")) {
    const seen = !label.hidden && label.style.visibility !== "hidden";
    if (seen) drawLabel(context, label.textContent, boxOf(label), inks);
  }
  for (const caption of element.querySelectorAll(".heart-caption")) {
    const { x, y, width } = boxOf(caption);
    const [swatch, small] = [caption.querySelector("i"), caption.querySelector("small")];
    const words = caption.textContent.slice(0, -small.textContent.length || undefined);
    const middle = { align: "center", colour: inks.ink };
    write(context, words, x + width / 2 + (swatch ? 13 : 0), y + 14, { ...middle, weight: 600 });
    write(context, small.textContent, x + width / 2, y + 31, { ...middle, size: 12, colour: inks.soft });
    if (!swatch) continue;
    context.fillStyle = swatch.style.background;
    context.fillRect(x + width / 2 - context.measureText(words).width / 2 - 20, y + 8, 20, 4);
  }
}

/**
 * @param {HTMLElement} element The heart's pane.
 * @param {import("../payload.js").Payload} payload
 * @param {Object<string, any>} view
 * @param {{canvas: HTMLCanvasElement, ends: {low: number, high: number}, scale: number}} drawn
 *   The canvas as it was drawn, `scale` times as large as the pane.
 * @returns {Promise<Blob>} PNG
 */
export function composed(element, payload, view, { canvas, ends, scale }) {
  const [width, height] = [element.clientWidth, element.clientHeight];
  const sheet = document.createElement("canvas");
  sheet.width = Math.round(width * scale);
  sheet.height = Math.round((height + HEAD + FOOT) * scale);
  const context = sheet.getContext("2d");
  const inks = INKS[view.theme] ?? INKS.light;
  context.scale(scale, scale);
  context.fillStyle = inks.paper;
  context.fillRect(0, 0, width, height + HEAD + FOOT);
  context.drawImage(canvas, 0, HEAD, width, height);
  const { record, label, probabilities, research_only: only = "" } = payload.meta;
  write(context, record, SIDE, 28, { size: 18, weight: 600, colour: inks.ink });
  const chance = view.blind ? "" : `${label}, probability ${probabilities[label]?.toFixed(2)}, ${when(view)}`;
  write(context, chance, SIDE, 49, { colour: inks.soft });
  drawWords(context, element, inks);
  const foot = height + HEAD;
  if (!view.blind) {
    const bar = Math.min(320, width - 2 * SIDE - 40);
    drawBar(context, payload, view, ends, { x: (width - bar) / 2, y: foot + 26, width: bar, inks });
  }
  write(context, only, width / 2, foot + FOOT - 12, { size: 11, colour: inks.soft, align: "center" });
  return new Promise((resolve) => sheet.toBlob(resolve, "image/png"));
}
