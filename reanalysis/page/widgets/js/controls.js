// Controls: native inputs. JupyterLab takes arrow keys for itself unless the input says otherwise.

import { div, h, put, set, uid } from "./dom.js";
import { linear } from "./plot.js";
import { measure } from "./text.js";

export const KEEP_KEYS = { "data-lm-suppress-shortcuts": "true" };

// A slider with its value beside the label. `text` turns the value into words; without, the value
// has the unit and the decimals of the `spec`.
export function slider(spec, oninput) {
  const { label, note, step, text = (x) => measure(spec, x) } = spec;
  const [min, max] = spec.range;
  const id = uid("slider");
  const small = h("small", {}, note);
  // Spoken as aria-valuetext of the input
  const output = h("span", { class: "rx-value", "aria-hidden": "true" });
  const input = h("input", {
    id,
    type: "range",
    min,
    max,
    step,
    ...KEEP_KEYS,
    oninput: () => oninput(Number(input.value)),
  });
  const ends = h(
    "span",
    { class: "rx-ends", "aria-hidden": "true" },
    h("span", {}, text(min)),
    h("span", {}, text(max)),
  );
  const el = div(
    "rx-control rx-slider",
    h("label", { for: id }, label, small),
    output,
    input,
    ends,
  );
  const at = linear(min, max, 0, 100);
  return {
    el,
    input,
    note: (words) => put(small, words),
    set(value) {
      if (Number(input.value) !== value) input.value = value;
      const words = text(value);
      put(output, words);
      set(input, { "aria-valuetext": words });
      set(el, { style: `--rx-at:${at(value)}%` });
    },
  };
}

export const button = (text, onclick, attributes) =>
  h("button", { type: "button", ...KEEP_KEYS, onclick, ...attributes }, text);
