// A tour for a class: steps, each a link that sets the explorer.

import { button, KEEP_KEYS } from "./controls.js";
import { h } from "./dom.js";
import { toHash } from "./link.js";

// `go` sets a state, `link` gives its flat values for an address; on a page of the book each step
// is a link that can be passed on, elsewhere a button.
export function tour(data, { name, page, start, go, link }) {
  if (!data.tour.length) return null;
  const steps = data.tour.map(({ title, look, settings }) => {
    const state = { ...start, ...settings };
    const set = (event) => {
      event.preventDefault();
      if (page) history.replaceState(null, "", toHash(name, link(state)));
      go(state);
    };
    const to = page
      ? h("a", { href: toHash(name, link(state)), ...KEEP_KEYS, onclick: set }, title)
      : button(title, set);
    return h("li", {}, to, ` ${look}`);
  });
  return h(
    "details",
    { class: "rx-tour" },
    h("summary", { ...KEEP_KEYS }, `A tour in ${steps.length} steps`),
    h("ol", {}, steps),
  );
}
