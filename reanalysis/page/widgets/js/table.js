// Tables with headers for rows and columns.

import { h } from "./dom.js";

// Texts become cells; what is an element already, because it will change, stays what it is. The
// first of each row is its header.
export function table(caption, columns, rows) {
  const made = (tag, scope) => (item) => (item instanceof Element ? item : h(tag, { scope }, item));
  return h(
    "table",
    { class: "rx-table" },
    h("caption", {}, caption),
    h("thead", {}, h("tr", {}, columns.map(made("th", "col")))),
    h(
      "tbody",
      {},
      rows.map(([head, ...cells]) => h("tr", {}, made("th", "row")(head), cells.map(made("td")))),
    ),
  );
}

// A frame that can be scrolled with the keyboard, so that it needs a name and a tab stop.
export const scrolling = (label, node) =>
  h("div", { class: "rx-scroll", tabindex: 0, role: "region", "aria-label": label }, node);
