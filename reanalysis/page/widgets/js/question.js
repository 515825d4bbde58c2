// The controls of one question: native inputs by its kind, and what the reader has answered.

import { button, KEEP_KEYS } from "./controls.js";
import { curvePoint } from "./curve_point.js";
import { div, h, uid } from "./dom.js";
import { marked } from "./markup.js";

function numberControl({ unit, number, within }) {
  const [id, note] = [uid("number"), uid("within")];
  const attributes = { id, type: "text", inputmode: "decimal", autocomplete: "off", "aria-describedby": note };
  const input = h("input", { ...attributes, ...KEEP_KEYS });
  const label = h("label", { for: id }, "Your answer", h("span", { class: "rx-sr" }, ` to exercise ${number}`));
  return { el: div("rx-number", label, input, h("span", {}, unit), h("small", { id: note, class: "rx-note" }, within)), read: () => input.value };
}

// One of a few, or several of them.
function optionsControl({ options, number }, type) {
  const name = uid("answer");
  const inputs = [];
  const rows = options.map(({ text }, place) => {
    const id = uid("answer");
    const input = h("input", { id, type, name, value: place, ...KEEP_KEYS });
    inputs.push(input);
    return div("rx-option", input, marked("label", { for: id }, text));
  });
  const what = type === "radio" ? "Choose one" : "Choose all that hold";
  const legend = h("legend", {}, what, h("span", { class: "rx-sr" }, `, exercise ${number}`));
  const chosen = () => inputs.flatMap((input, place) => (input.checked ? [place] : []));
  return {
    el: h("fieldset", { class: "rx-options" }, legend, rows),
    read: type === "radio" ? () => chosen()[0] : chosen,
  };
}

// Out of order, the same for everybody: those in odd places first.
const scrambled = (items) => {
  const places = items.map((_, place) => place);
  return [...places.filter((place) => place % 2), ...places.filter((place) => place % 2 === 0)];
};

function orderControl({ items, number }) {
  const order = scrambled(items);
  const rows = items.map((text, place) => {
    const plain = marked("span", {}, text);
    const mover = (way, words) =>
      button(way < 0 ? "↑" : "↓", () => move(place, way), { "aria-label": `${plain.textContent}: ${words}` });
    const [up, down] = [mover(-1, "move up"), mover(1, "move down")];
    return { up, down, el: h("li", {}, h("span", { class: "rx-buttons" }, up, down), plain) };
  });
  const list = h("ol", { class: "rx-order", "aria-label": `Exercise ${number}: your order` });
  const said = h("p", { class: "rx-sr", role: "status" });
  const draw = () => {
    list.append(...order.map((place) => rows[place].el));
    order.forEach((place, at) => {
      rows[place].up.disabled = at === 0;
      rows[place].down.disabled = at === order.length - 1;
    });
  };
  function move(place, way) {
    const at = order.indexOf(place);
    order.splice(at, 1);
    order.splice(at + way, 0, place);
    draw();
    const { up, down } = rows[place];
    const used = way < 0 ? up : down;
    (used.disabled ? (way < 0 ? down : up) : used).focus();
    said.textContent = `Now number ${at + way + 1} of ${order.length}`;
  }
  draw();
  return { el: div("rx-ordering", list, said), read: () => [...order] };
}

export function questionControl(question, time) {
  const { kind } = question;
  if (kind === "choice") return optionsControl(question, "radio");
  if (kind === "several") return optionsControl(question, "checkbox");
  if (kind === "order") return orderControl(question);
  if (kind === "point") return curvePoint(question, time);
  return numberControl(question);
}
