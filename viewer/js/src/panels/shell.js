/** The frame of the view: heart and leads side by side, panels in a slim column, time below. */

import { h, setAttribute } from "./dom.js";

/**
 * Build the frame.
 *
 * @param {HTMLElement|ShadowRoot} root
 * @param {any} payload
 * @param {{editable?: boolean, state?: any}} [options]
 */
export function createShell(root, payload, options = {}) {
  const heart_bar = h("div", { class: "ecg-bar" });
  const heart = h("div", { class: "ecg-heart" });
  const heart_pane = h("section", { class: "ecg-pane ecg-heart-pane", "aria-label": "Heart" }, heart_bar, heart);
  const leads = h("section", { class: "ecg-pane ecg-leads", "aria-label": "Twelve leads" });
  const head = h("header", { class: "ecg-head" });
  const side = h("aside", { class: "ecg-side", "aria-label": "Panels", tabindex: "-1" });
  const transport = h("section", { class: "ecg-transport", "aria-label": "Time" });
  const foot = h("footer", { class: "ecg-foot" }, payload.meta.research_only ?? "");
  const frame = h("div", { class: "ecg-frame" }, head, heart_pane, leads, side, transport, foot);
  const over = h("div", { class: "ecg-over" });
  const view = h("div", { class: "ecg-view", tabindex: "-1" }, frame, over);
  setAttribute(view, "data-editable", Boolean(options.editable));
  root.append(view);
  return {
    view,
    frame,
    head,
    heart,
    heart_bar,
    heart_pane,
    leads,
    side,
    transport,
    foot,
    over,
    destroy: () => view.remove(),
  };
}
