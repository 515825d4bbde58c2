// Controls that offer a few values, as native inputs.

import { KEEP_KEYS } from "./controls.js";
import { div, h, put, uid } from "./dom.js";

// One of a few: radio buttons drawn as a segmented control. `options` are [value, text] pairs.
export function choice({ label, note, options, onchange }) {
  const name = uid("choice");
  const small = h("small", {}, note);
  const inputs = new Map();
  const segments = options.map(([value, text]) => {
    const id = uid("option");
    const input = h("input", {
      id,
      type: "radio",
      name,
      value,
      ...KEEP_KEYS,
      onchange: () => onchange(value),
    });
    inputs.set(value, input);
    return [input, h("label", { for: id }, text)];
  });
  const el = h(
    "fieldset",
    { class: "rx-control rx-choice" },
    h("legend", {}, label, small),
    div("rx-segments", segments),
  );
  return {
    el,
    inputs,
    note: (words) => put(small, words),
    set(value) {
      const input = inputs.get(value);
      if (input && !input.checked) input.checked = true;
    },
  };
}

export function dropdown({ label, options, onchange }) {
  const id = uid("select");
  const input = h(
    "select",
    { id, ...KEEP_KEYS, onchange: () => onchange(input.value) },
    options.map(([value, text, disabled]) => h("option", { value, disabled }, text)),
  );
  const el = div("rx-control rx-select", h("label", { for: id }, label), input);
  return {
    el,
    input,
    set(value) {
      if (input.value !== value) input.value = value;
    },
  };
}
