/**
 * One theme for the page: Streamlit's parts and the view follow each other. Streamlit tells its theme by the
 * colours that it gives components, and takes one by the message that a page around it would send.
 */

/** Version of the messages that Streamlit listens to. */
const VERSION = 1;

/**
 * The theme of what is around an element, told from the colour behind it.
 * @param {string} colour As `#rrggbb`; Streamlit's `--st-background-color`.
 * @returns {"light"|"dark"|null} Null where there is no such colour.
 */
export function themeOf(colour) {
  const found = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(colour.trim());
  if (!found) return null;
  const [r, g, b] = found.slice(1).map((part) => parseInt(part, 16));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 127 ? "light" : "dark";
}

/** @param {Element} element */
const around = (element) => themeOf(getComputedStyle(element).getPropertyValue("--st-background-color"));

/**
 * Keeps a view and what is around it in one theme. A host that does not take the message keeps its own, and is
 * followed when it changes.
 * @param {HTMLElement} element In the host's part of the page.
 * @param {import("./state.js").State} state
 * @param {() => Object<string, Object<string, any>> | undefined} themes Streamlit's options of each theme.
 */
export function joinThemes(element, state, themes) {
  let known = around(element);
  const tell = () => {
    const { theme } = state.get();
    const themeInfo = themes()?.[theme];
    if (!themeInfo || theme === around(element)) return;
    window.postMessage({ stCommVersion: VERSION, type: "SET_CUSTOM_THEME_CONFIG", themeInfo }, location.origin);
  };
  const off = state.on(["theme"], tell);
  tell();
  return {
    /** Called when the host may have changed. */
    look() {
      const now = around(element);
      if (now === known) return;
      known = now;
      if (now) state.set({ theme: now });
    },
    end: off,
  };
}
