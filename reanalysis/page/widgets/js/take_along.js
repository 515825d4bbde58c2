// What a reader can take along from any widget: the figure as SVG and PNG, the numbers as CSV, and
// a link that restores the settings.

import { followAddress } from "./address.js";
import { button, KEEP_KEYS } from "./controls.js";
import { toCsv } from "./csv.js";
import { h, put, set } from "./dom.js";
import { download } from "./download.js";
import { toHash } from "./link.js";
import { toPng, toSheet } from "./sheet.js";

// `words` and `charts` make the figure, `rows` the numbers; `valid` judges a setting from a link.
// Settings that are not plain values are packed and unpacked by the widget. Returns the element
// and a `draw` that keeps the link up to date.
export function takeAlong({ model, root, live, read, change, words, charts, rows, valid, pack, unpack }) {
  const name = model.get("_name");
  const sheet = () => toSheet(root, words(), charts());
  const save = (kind, what, blob) =>
    button(kind, async () => download(`${name}.${kind.toLowerCase()}`, await blob()), {
      "aria-label": `Save the ${what} as ${kind}`,
    });
  const buttons = [
    save("SVG", "figure", () => new Blob([sheet().text], { type: "image/svg+xml" })),
    save("PNG", "figure", () => toPng(sheet())),
    save("CSV", "numbers", () => new Blob([toCsv(rows())], { type: "text/csv" })),
  ];
  // Only a page of the book has an address of its own; a notebook keeps its state in Python.
  if (!model.page) return { el: h("p", { class: "rx-files" }, "Save ", buttons), draw: () => {} };

  const flat = pack ?? ((state) => state);
  followAddress({ model, root, read, change, valid, pack, unpack });
  const text = "Link to these settings";
  const copied = () => {
    put(link, "Link copied");
    live.say(() => "Link copied to the clipboard");
    setTimeout(() => put(link, text), 2000);
  };
  const copy = () => navigator.clipboard?.writeText(link.href).then(copied, () => {});
  const link = h("a", { class: "rx-link", ...KEEP_KEYS, onclick: copy }, text);
  return {
    el: h("p", { class: "rx-files" }, "Save ", buttons, link),
    draw: () => set(link, { href: toHash(name, flat(read())) }),
  };
}
