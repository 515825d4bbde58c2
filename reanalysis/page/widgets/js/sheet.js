// The charts of a widget as a file: one sheet as SVG or PNG.

import { h, s, set, SVG } from "./dom.js";

// Lines of at most so many characters, broken between words.
export function wrap(text, length = 100) {
  const lines = [""];
  for (const word of text.split(" ")) {
    if (lines.at(-1).length + word.length > length) lines.push(word);
    else lines.push(`${lines.pop()} ${word}`.trim());
  }
  return lines;
}

const STYLES = [
  "fill",
  "fill-opacity",
  "stroke",
  "stroke-opacity",
  "stroke-width",
  "stroke-dasharray",
  "stroke-linecap",
  "opacity",
  "font-size",
  "font-weight",
  "font-family",
  "stop-color",
  "paint-order",
  "visibility",
];

// The charts on one sheet below the words, in the light theme, with every style written into the
// elements, because the file has no style sheet. `charts` are [svg, title]; all are 320 by 212.
export function toSheet(root, words, charts) {
  const line = (x, y, text, bold) =>
    s("text", { x, y, class: "rx-sheet", "font-weight": bold ? 600 : 400 }, text);
  const lines = words.flatMap((text) => wrap(text));
  const theme = root.dataset.rxTheme;
  root.dataset.rxTheme = "light";
  const shown = charts.filter(([chart]) => chart.checkVisibility());
  const top = 40 + 18 * lines.length;
  const [width, height] = [720, top + 260 * Math.ceil(shown.length / 2)];
  const sheet = s(
    "svg",
    { xmlns: SVG, width, height, viewBox: `0 0 ${width} ${height}` },
    s("rect", { width, height, fill: "#fff" }),
    lines.map((text, i) => line(24, 26 + 18 * i, text)),
  );
  // Styles exist only in the document
  root.append(sheet);
  shown.forEach(([chart, title], i) => {
    const [x, y] = [24 + 348 * (i % 2), top + 260 * Math.floor(i / 2)];
    const copy = chart.cloneNode(true);
    set(copy, { x, y: y + 8, width: 330, height: 219 });
    sheet.append(line(x, y, title, true), copy);
  });
  for (const node of sheet.querySelectorAll("*")) {
    const style = getComputedStyle(node);
    node.setAttribute("style", STYLES.map((key) => `${key}:${style.getPropertyValue(key)}`).join(";"));
  }
  for (const node of sheet.querySelectorAll("[class]")) node.removeAttribute("class");
  sheet.remove();
  root.dataset.rxTheme = theme;
  return { text: new XMLSerializer().serializeToString(sheet), width, height };
}

// PNG of a standalone SVG text, twice its size.
export async function toPng({ text, width, height }, scale = 2) {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  const canvas = h("canvas", { width: width * scale, height: height * scale });
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}
