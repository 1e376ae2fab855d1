/** What the bundle leaves on the page: `globalThis.ecglocus`, for Streamlit's components and for the single file. */

import { mountView } from "./view.js";
import { parsePayload } from "./payload.js";
import { openStandalone } from "./standalone.js";
import { component, store } from "./component.js";

globalThis.ecglocus = Object.freeze({ mountView, parsePayload, openStandalone, store, component });
globalThis.dispatchEvent?.(new Event("ecglocus"));

/** Streamlit asks every component for a default function; the runtime itself shows nothing. */
export default function runtime() {}
