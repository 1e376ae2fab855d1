/** The bull's-eye beside the heart: density of evidence by segment, linked with picking. */

import { colourAt, colourTable, SIGNED_TABLES } from "../colormaps.js";
import { figure, h, s, setAttribute, write } from "./dom.js";
import { MAP_KEYS, section } from "./context.js";
import { isAmount, bullseyeOf } from "./region_values.js";
import { middle, outline, WEDGES } from "./wedges.js";
import { whenWords } from "./words.js";

const WALLS = /** @type {[string, number, number, number][]} */ ([
  ["anterior", 0, -1.09, 0], ["inferior", 0, 1.15, 0], ["lateral", 1.1, 0, 90], ["right ventricle", -1.46, 0, -90],
]);

/** Choose a region as a click on the heart would; with the segment tool it is marked. @param {any} payload @param {any} state @param {number} code */
export function chooseRegion(payload, state, code) {
  const { tool, draft, pick } = state.get();
  const region = payload.meta.regions[code];
  if (tool === "segment") {
    const regions = draft.regions.includes(region) ? draft.regions.filter((/** @type {string} */ r) => r !== region) : [...draft.regions, region];
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
      d: outline(wedge), role: "button", tabindex: "0", onclick: () => choose(wedge.code),
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

/** @param {import("./context.js").Context} context */
export function createBullseye({ payload, state, trail, follow }) {
  const made = section("Bull’s-eye", { open: true, key: "bullseye" });
  const parts = drawn(payload, (code) => chooseRegion(payload, state, code));
  const walls = WALLS.map(([words, x, y, turn]) => s("text", { class: "ecg-wall", x, y, transform: turn ? `rotate(${turn} ${x} ${y})` : null }, words));
  const drawing = s("svg", { class: "ecg-bullseye", viewBox: "-1.58 -1.22 2.82 2.46", role: "group", "aria-label": "Bull’s-eye of the left ventricle with the right ventricle beside it" }, ...parts.map((p) => p.path), ...parts.flatMap((p) => [p.value, p.number]), ...walls);
  const caption = h("p", { class: "ecg-soft ecg-small" });
  made.body.append(drawing, caption);
  const show = (/** @type {any} */ view) => {
    const { density, top, signed } = bullseyeOf(payload, view);
    const table = colourTable(signed ? (SIGNED_TABLES.includes(view.colormap) ? view.colormap : "PuOr") : "cividis");
    for (const { wedge, path, title, value, number } of parts) {
      const q = density[wedge.code];
      const [r, g, b] = view.blind ? [128, 128, 128] : colourAt(table, signed ? 0.5 + (0.5 * q) / top : q / top);
      setAttribute(path, "fill", `rgb(${r},${g},${b})`);
      const ink = 0.2126 * r + 0.7152 * g + 0.0722 * b > 115 ? "#111" : "#fff";
      for (const text of [value, number]) text.style.fill = ink;
      write(value, view.blind ? "" : figure(q, Math.abs(q) < 9.95 ? 1 : 0, signed));
      write(title, `${payload.meta.regions[wedge.code]}: ${view.blind ? "hidden" : `${figure(q, 2, signed)}× an even spread`}`);
      setAttribute(path, "aria-label", title.textContent);
    }
    const unit = isAmount(view) ? "1 = even spread" : view.mode === "instant" ? "1 = even spread of an average moment" : "1 = even spread over the heart";
    write(caption, view.blind ? "The model is hidden until the reading is signed." : `Density of ${isAmount(view) ? `the ${view.map}` : view.lead_pick ? `what lead ${view.lead_pick.lead} brings` : "the evidence"} ${whenWords(payload, view)}; ${unit}.`);
    made.says(view.blind ? "hidden" : `up to ${figure(top, 1)}×`);
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

