/** The colour key of the leads: opposing to supporting, with its numbers and unit. */

import { figure, h, write } from "../panels/dom.js";
import { shade } from "./shading.js";

/** @param {HTMLElement} element */
export function createKey(element) {
  const low = h("span", { class: "ecg-figure" });
  const high = h("span", { class: "ecg-figure" });
  const ramp = h("span", { class: "ecg-ramp", "aria-hidden": "true" });
  const words = h("span", { class: "ecg-soft" });
  const opposes = h("span", {}, "− opposes");
  const supports = h("span", {}, "supports +");
  const box = h("div", { class: "ecg-key" }, words, opposes, low, ramp, high, supports);
  element.append(box);
  return {
    /** @param {{limit: number, table: Uint8Array, dark: boolean, sign: string, label: string, sum: number}|null} what */
    show(what) {
      box.hidden = what === null;
      if (what === null) return;
      const stops = Array.from({ length: 21 }, (_, i) =>
        shade((i / 10 - 1) * what.limit, what.limit, what.table, what.dark),
      );
      ramp.style.backgroundImage = `linear-gradient(to right, ${stops.join(",")})`;
      write(low, figure(-what.limit, digits(what.limit)));
      write(high, figure(what.limit, digits(what.limit), true));
      write(words, `${what.label}, logit per 10 ms`);
      box.title = `Sum over all leads: ${figure(what.sum, 2, true)} logit`;
      opposes.hidden = what.sign === "for";
      supports.hidden = what.sign === "against";
    },
  };
}

/** Two figures that say something. @param {number} limit */
function digits(limit) {
  return Math.min(4, Math.max(1, 1 - Math.floor(Math.log10(limit))));
}
