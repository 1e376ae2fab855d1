/** The bull's-eye beside the heart: density of evidence by segment, linked with picking. */

import { colourAt, colourTable, SIGNED_TABLES } from "../colormaps.js";
import { figure, h, s, setAttribute, write } from "./dom.js";
import { MAP_KEYS, section } from "./context.js";
import { isAmount, bullseyeOf } from "./region_values.js";
import { middle, outline, WEDGES } from "./wedges.js";
import { whenWords } from "./words.js";

const WALLS = /** @type {[string, number, number, number][]} */ ([
  ["anterior", 0, -1.09, 0],
  ["inferior", 0, 1.15, 0],
  ["lateral", 1.1, 0, 90],
  ["right ventricle", -1.46, 0, -90],
]);

/** Choose a region as a click on the heart would; with the segment tool it is marked. @param {any} payload @param {any} state @param {number} code */
export function chooseRegion(payload, state, code) {
  const { tool, draft, pick } = state.get();
  const region = payload.meta.regions[code];
  if (tool === "segment") {
    const regions = draft.regions.includes(region)
      ? draft.regions.filter((/** @type {string} */ r) => r !== region)
      : [...draft.regions, region];
    state.set({ draft: { ...draft, regions } });
    return;
  }
  if (pick?.region === code && pick.vertex === null) state.set({ pick: null });
  else state.set({ pick: { vertex: null, region: code } });
}

/** Code of a picked region, by name or number. @param {any} payload @param {any} pick @returns {number} -1 where nothing is picked */
export function pickedRegion(payload, pick) {
  if (pick === null || pick === undefined || pick.region === null || pick.region === undefined) return -1;
  return typeof pick.region === "string" ? payload.meta.regions.indexOf(pick.region) : pick.region;
}

/** @param {any} payload @param {(code: number) => void} choose */
function drawn(payload, choose) {
  return WEDGES.map((wedge) => {
    const [x, y] = middle(wedge);
    const path = s("path", {
      d: outline(wedge),
      role: "button",
      tabindex: "0",
      onclick: () => choose(wedge.code),
      onkeydown: (/** @type {KeyboardEvent} */ event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        event.stopPropagation();
        choose(wedge.code);
      },
    });
    const title = s("title");
    path.append(title);
    const value = s("text", { class: "ecg-value", x, y: y - 0.005 });
    const number = s("text", { class: "ecg-number", x, y: y + 0.075 }, wedge.short);
    return { wedge, path, title, value, number };
  });
}

const FRAME = Object.freeze({
  class: "ecg-bullseye",
  viewBox: "-1.58 -1.22 2.82 2.46",
  role: "group",
  "aria-label": "Bull’s-eye of the left ventricle with the right ventricle beside it",
});
/** @type {[number, number, number]} */
const HIDDEN = [128, 128, 128];
/** Lighter colours than this carry dark words. */
const LIGHT = 115;

/**
 * Colour a wedge and write its density on it.
 *
 * @param {ReturnType<typeof drawn>[number]} part
 * @param {[number, number, number]} colour
 * @param {string} region
 * @param {number|null} q null where it is hidden
 * @param {boolean} signed
 */
function paint({ path, title, value, number }, [r, g, b], region, q, signed) {
  setAttribute(path, "fill", `rgb(${r},${g},${b})`);
  const ink = 0.2126 * r + 0.7152 * g + 0.0722 * b > LIGHT ? "#111" : "#fff";
  for (const text of [value, number]) text.style.fill = ink;
  write(value, q === null ? "" : figure(q, Math.abs(q) < 9.95 ? 1 : 0, signed));
  write(title, `${region}: ${q === null ? "hidden" : `${figure(q, 2, signed)}× an even spread`}`);
  setAttribute(path, "aria-label", title.textContent);
}

/** Say what the numbers are. @param {any} payload @param {any} view */
function captionOf(payload, view) {
  if (view.blind) return "The model is hidden until the reading is signed.";
  const of_lead = view.lead_pick ? `what lead ${view.lead_pick.lead} brings` : "the evidence";
  const what = isAmount(view) ? `the ${view.map}` : of_lead;
  const over = view.mode === "instant" ? "of an average moment" : "over the heart";
  return `Density of ${what} ${whenWords(payload, view)}; 1 = even spread${isAmount(view) ? "" : ` ${over}`}.`;
}

/** @param {import("./context.js").Context} context */
export function createBullseye({ payload, state, trail, follow }) {
  const made = section("Bull’s-eye", { open: true, key: "bullseye" });
  const parts = drawn(payload, (code) => chooseRegion(payload, state, code));
  const walls = WALLS.map(([words, x, y, turn]) =>
    s("text", { class: "ecg-wall", x, y, transform: turn ? `rotate(${turn} ${x} ${y})` : null }, words),
  );
  const words = parts.flatMap((part) => [part.value, part.number]);
  const drawing = s("svg", FRAME, ...parts.map((part) => part.path), ...words, ...walls);
  const caption = h("p", { class: "ecg-soft ecg-small" });
  made.body.append(drawing, caption);
  const show = (/** @type {any} */ view) => {
    const { density, top, signed } = bullseyeOf(payload, view);
    const table = colourTable(signed ? (SIGNED_TABLES.includes(view.colormap) ? view.colormap : "PuOr") : "cividis");
    for (const part of parts) {
      const q = density[part.wedge.code];
      const colour = colourAt(table, signed ? 0.5 + (0.5 * q) / top : q / top);
      paint(part, view.blind ? HIDDEN : colour, payload.meta.regions[part.wedge.code], view.blind ? null : q, signed);
    }
    write(caption, captionOf(payload, view));
    made.says(view.blind ? "hidden" : `colours to ${signed ? "±" : ""}${figure(top, 1)}×`);
  };
  const ask = trail([...MAP_KEYS, "colormap"], show, made.isOpen);
  made.onOpen(ask);
  follow(["pick", "draft"], (view) => {
    const picked = pickedRegion(payload, view.pick);
    for (const { wedge, path } of parts) {
      const marked = view.draft.regions.includes(payload.meta.regions[wedge.code]);
      path.classList.toggle("ecg-chosen", wedge.code === picked || marked);
      setAttribute(path, "aria-pressed", String(wedge.code === picked || marked));
      if (wedge.code === picked || marked) drawing.insertBefore(path, parts[0].value);
    }
  });
  return made.element;
}
