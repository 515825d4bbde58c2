// What a reader can take along from any widget: the figure as SVG and PNG, the numbers as CSV, and
// a link that restores the settings.

function download(name, blob) {
  const url = URL.createObjectURL(blob);
  const link = h("a", { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

// ---- Link -----------------------------------------------------------------------------------

// Settings as the hash of an address: #name?key=value&...
const toHash = (name, values) => `#${name}?${new URLSearchParams(values)}`;

// Whether a number from a link may be a setting.
const inRange = (range, key, value) =>
  value >= range[key][0] &&
  value <= range[key][1] &&
  (Number.isInteger(value) || !["fractions", "prior_sessions"].includes(key));

// The settings that a hash holds, or null if it is not this widget's. What is no setting, or no
// valid value of it, is left out: a link can come from anywhere. `known` has a value of each.
function fromHash(name, hash, known, valid) {
  if (!hash.startsWith(`#${name}?`)) return null;
  const found = {};
  for (const [key, text] of new URLSearchParams(hash.slice(name.length + 2))) {
    if (!Object.hasOwn(known, key) || text === "") continue;
    const value = typeof known[key] === "number" ? Number(text) : text;
    if (valid(key, value)) found[key] = value;
  }
  return found;
}

// ---- Numbers --------------------------------------------------------------------------------

// Rows as CSV (RFC 4180); what could not be computed is blank. A text that a spreadsheet would
// take for a formula is quoted with an apostrophe, as spreadsheets do it.
function toCsv(rows) {
  const text = (x) => {
    if (x == null || Number.isNaN(x)) return "";
    if (typeof x === "string" && /^[=+\-@\t\r]/.test(x)) x = `'${x}`;
    const word = String(typeof x === "number" ? Number(x.toPrecision(12)) : x);
    return /[",\r\n]/.test(word) ? `"${word.replace(/"/g, '""')}"` : word;
  };
  return `${rows.map((row) => row.map(text).join(",")).join("\r\n")}\r\n`;
}

// ---- Figure ---------------------------------------------------------------------------------

// Lines of at most so many characters, broken between words.
function wrap(text, length = 100) {
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
function toSheet(root, words, charts) {
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
  root.append(sheet); // styles exist only in the document
  shown.forEach(([chart, title], i) => {
    const [x, y] = [24 + 348 * (i % 2), top + 260 * Math.floor(i / 2)];
    const copy = chart.cloneNode(true);
    for (const [key, v] of Object.entries({ x, y: y + 8, width: 330, height: 219 }))
      copy.setAttribute(key, v);
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
async function toPng({ text, width, height }, scale = 2) {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  const canvas = h("canvas", { width: width * scale, height: height * scale });
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}

// ---- The row of buttons ---------------------------------------------------------------------

// `words` and `charts` make the figure, `rows` the numbers; `valid` judges a setting from a link.
// Settings that are not plain values are packed and unpacked by the widget. Returns the element
// and a `draw` that keeps the link up to date.
function takeAlong({ model, root, live, read, change, words, charts, rows, valid, pack, unpack }) {
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
  const restore = () => {
    const state = read();
    const found = fromHash(name, location.hash, flat(state, true), valid);
    if (found) change(unpack ? unpack(state, found) : found);
    return found;
  };
  addEventListener("hashchange", restore);
  queueMicrotask(() => restore() && root.scrollIntoView({ block: "nearest" }));
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
    draw: () => set(link, "href", toHash(name, flat(read()))),
  };
}
