// Texts that Python has made HTML of. They come from the book's own files.

import { h } from "./dom.js";

export function marked(tag, attributes, html) {
  const el = h(tag, attributes);
  el.innerHTML = html;
  return el;
}
