/** What the bundle leaves on the page: `globalThis.ecglocus`, for Streamlit's components and for the single file. */

import { component, store, views } from "./component.js";
import { parsePayload } from "./payload.js";
import { openStandalone } from "./standalone.js";
import { mountView } from "./view.js";

globalThis.ecglocus = Object.freeze({ mountView, parse: parsePayload, openStandalone, store, component, views });
globalThis.dispatchEvent?.(new Event("ecglocus"));

/** Streamlit asks every component for a default function; the runtime itself shows nothing. */
export default function runtime() {}
