// Controls: native inputs. JupyterLab takes arrow keys for itself unless the input says otherwise.

import { div, h, put, set, uid } from "./dom.js";
import { clamp, linear } from "./plot.js";
import { measure } from "./text.js";

export const KEEP_KEYS = { "data-lm-suppress-shortcuts": "true" };

// A slider with its value beside the label. `text` turns the value into words; without, the value
// has the unit and the decimals of the `spec`. `marks` are [value, text] pairs that stand below the
// track in place of its ends; a press on one is that value.
export function slider(spec, oninput) {
  const { label, note, step, marks, text = (x) => measure(spec, x) } = spec;
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
  const at = linear(min, max, 0, 100);
  const below = h(
    "span",
    { class: marks ? "rx-marks" : "rx-ends", "aria-hidden": "true" },
    marks
      ? marks.map(([value, words], i) =>
          h(
            "span",
            {
              // One that would run into the mark before it stands lower.
              class: i && at(value) - at(marks[i - 1][0]) < 13 ? "rx-lower" : "",
              style: `--rx-at:${at(value)}`,
              onclick: () => oninput(value),
            },
            words,
          ),
        )
      : [min, max].map((end) => h("span", {}, text(end))),
  );
  const el = div(
    "rx-control rx-slider",
    h("label", { for: id }, label, small),
    output,
    input,
    below,
  );
  return {
    el,
    input,
    note: (words) => put(small, words),
    set(value, words = text(value)) {
      if (Number(input.value) !== value) input.value = value;
      put(output, words);
      set(input, { "aria-valuetext": words });
      set(el, { style: `--rx-at:${clamp(at(value), 0, 100)}%` });
    },
  };
}

export const button = (text, onclick, attributes) =>
  h("button", { type: "button", ...KEEP_KEYS, onclick, ...attributes }, text);
