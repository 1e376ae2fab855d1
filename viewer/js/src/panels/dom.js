/** Small makers of native elements; nothing here knows the payload. */

/**
 * Make an element.
 *
 * Keys of `props` that begin with "on" are listeners, "class", "data-*", "aria-*" and the like are
 * attributes, and a value of null, undefined or false leaves the attribute out.
 *
 * @param {string} tag
 * @param {Record<string, any>} [props]
 * @param {...(Node|string|null|undefined|false)} children
 * @returns {any} HTMLElement, loosely typed so that callers read its own properties
 */
export function h(tag, props = {}, ...children) {
  return fill(document.createElement(tag), props, children);
}

/** Make an element of SVG. @param {string} tag @param {Record<string, any>} [props] @param {...(Node|string|null|undefined|false)} children @returns {any} */
export function s(tag, props = {}, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), props, children);
}

/** @param {Element} element @param {Record<string, any>} props @param {(Node|string|null|undefined|false)[]} children */
function fill(element, props, children) {
  for (const [key, value] of Object.entries(props)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else setAttribute(element, key, value);
  }
  element.append(
    ...children
      .filter((child) => child !== null && child !== undefined && child !== false)
      .map((child) => /** @type {Node|string} */ (child)),
  );
  return element;
}

/** Set an attribute, or take it away where the value is null, undefined or false. @param {Element} element @param {string} key @param {any} value */
export function setAttribute(element, key, value) {
  if (value === null || value === undefined || value === false) element.removeAttribute(key);
  else element.setAttribute(key, value === true ? "" : String(value));
}

/** Write text only where it differs, so that no frame touches the page for nothing. @param {Node} node @param {string} words */
export function write(node, words) {
  if (node.textContent !== words) node.textContent = words;
}

let numbered = 0;

/** Give an id that no other element of the page has. @param {string} stem */
export const freshId = (stem) => `ecg-${stem}-${++numbered}`;

/**
 * Put a label before a control.
 *
 * @param {string} words @param {any} control @param {string} [title]
 */
export function field(words, control, title) {
  if (!control.id) control.id = freshId("control");
  return h("div", { class: "ecg-field", title }, h("label", { for: control.id }, words), control);
}

/**
 * Make a choice among options.
 *
 * @param {[string, string][]} options value and words
 * @param {(value: string) => void} onchange
 * @param {Record<string, any>} [props]
 */
export function select(options, onchange, props = {}) {
  const element = h("select", { ...props, onchange: () => onchange(element.value) });
  setOptions(element, options);
  return element;
}

/** Replace the options of a choice, keeping its value where it is still there. @param {any} element @param {[string, string][]} options */
export function setOptions(element, options) {
  const before = element.value;
  element.replaceChildren(...options.map(([value, words]) => h("option", { value }, words)));
  if (options.some(([value]) => value === before)) element.value = before;
}

/**
 * Make a check box with its words behind it.
 *
 * @param {string} words @param {(on: boolean) => void} onchange @param {Record<string, any>} [props]
 * @returns {{element: HTMLElement, box: HTMLInputElement}}
 */
export function check(words, onchange, props = {}) {
  const box = h("input", { type: "checkbox", ...props, onchange: () => onchange(box.checked) });
  return { element: h("label", { class: "ecg-check" }, box, h("span", {}, words)), box };
}

/**
 * Make a slider.
 *
 * @param {string} words its name
 * @param {[number, number, number]} ends first and last value, and step
 * @param {(value: number) => void} oninput called while it is dragged
 */
export function slider(words, [min, max, step], oninput) {
  const element = h("input", {
    type: "range",
    min,
    max,
    step,
    "aria-label": words,
    oninput: () => oninput(Number(element.value)),
  });
  return element;
}

/** Put controls into one line that does not break. @param {...any} children */
export const line = (...children) => h("div", { class: "ecg-row ecg-line" }, ...children);

/**
 * Make a row of buttons of which one is pressed.
 *
 * @param {string} words name of the group
 * @param {[string, string, string?][]} options value, words and an explaining title
 * @param {(value: string) => void} onchoose
 * @returns {{element: HTMLElement, show: (value: string) => void}}
 */
export function buttons(words, options, onchoose) {
  const made = options.map(([value, name, title]) =>
    h("button", { type: "button", "data-value": value, title, onclick: () => onchoose(value) }, name),
  );
  const element = h("div", { class: "ecg-buttons", role: "group", "aria-label": words }, ...made);
  const show = (/** @type {string} */ value) => {
    for (const button of made) button.setAttribute("aria-pressed", String(button.dataset.value === value));
  };
  return { element, show };
}

/** Make a button. @param {string|Node} words @param {() => void} onclick @param {Record<string, any>} [props] */
export const button = (words, onclick, props = {}) => h("button", { type: "button", ...props, onclick }, words);

/**
 * Bring an element into sight within what scrolls it; `scrollIntoView` would move the whole page too.
 *
 * @param {HTMLElement} element @param {HTMLElement} scroller @param {boolean} top whether its top must be at the top
 */
export function bringIntoSight(element, scroller, top) {
  const [own, room] = [element.getBoundingClientRect(), scroller.getBoundingClientRect()];
  if (top || own.top < room.top || own.height > room.height) scroller.scrollTop += own.top - room.top;
  else if (own.bottom > room.bottom) scroller.scrollTop += own.bottom - room.bottom;
}

/** Numbers with a true minus sign. @param {number} value @param {number} digits @param {boolean} [signed] */
export function figure(value, digits, signed = false) {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value).toFixed(digits);
  const zero = Number(size) === 0;
  return `${value < 0 && !zero ? "−" : signed && !zero ? "+" : ""}${size}`;
}
