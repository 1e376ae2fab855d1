/** What is laid out around the heart. */

import { bindKeys } from "./keys.js";
import { createLeads } from "./leads/index.js";
import { createPanels } from "./panels/index.js";
import { createShell } from "./panels/shell.js";
import css from "./style.css";

export const parts = { createShell, createLeads, createPanels, bindKeys, css };
