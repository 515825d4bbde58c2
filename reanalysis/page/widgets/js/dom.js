// Elements, and changes of them that touch the document only where something is different.

export const SVG = "http://www.w3.org/2000/svg";
let serial = 0;
export const uid = (stem) => `rx-${stem}-${++serial}-${Math.random().toString(36).slice(2, 7)}`;

function fill(node, attributes, children) {
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (value === true) node.setAttribute(key, "");
    else if (value !== false && value != null) node.setAttribute(key, value);
  }
  node.append(...children.flat(Infinity).filter((child) => child != null));
  return node;
}
export const h = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);
export const s = (tag, attributes, ...children) =>
  fill(document.createElementNS(SVG, tag), attributes, children);

export const div = (name, ...children) => h("div", { class: name }, ...children);

// Writing to the DOM costs more than comparing: leave alone what is right already.
export function put(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
export function set(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    const text = String(value);
    if (node.getAttribute(name) !== text) node.setAttribute(name, text);
  }
}
export function show(node, visible) {
  if (node.hidden === visible) node.hidden = !visible;
}
