/** What is laid out around the heart. */

import { createLeads } from "./leads/index.js";

/** Three panes in a column, until the panels have a shell of their own. */
function createShell(root) {
  const pane = (name, style) => {
    const element = document.createElement("div");
    element.className = name;
    element.style.cssText = style;
    root.append(element);
    return element;
  };
  const heart = pane("heart", "position:relative;height:60vh");
  const leads = pane("leads", "position:relative;height:40vh");
  return {
    heart,
    leads,
    destroy() {
      heart.remove();
      leads.remove();
    },
  };
}

const nothing = () => ({ destroy() {} });
export const parts = { createShell, createLeads, createPanels: nothing, bindKeys: nothing, css: "" };
