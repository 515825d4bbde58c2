// What a reader can take along: a link that restores the settings, the numbers, the figure.

function toHash(name, state) {
  const query = new URLSearchParams();
  for (const key of SETTINGS) if (key !== "reference") query.set(key, state[key]);
  for (const key of PATIENT)
    if (state.reference[key] !== state[key]) query.set(`ref.${key}`, state.reference[key]);
  return `#${name}?${query}`;
}
// Settings that a link holds, or null; what is not a valid value is left as it is.
function fromHash(name, hash, state, valid) {
  if (!hash.startsWith(`#${name}?`)) return null;
  const query = new URLSearchParams(hash.slice(name.length + 2));
  const read = (key, text, fallback) => {
    if (text === null) return fallback;
    const value = typeof fallback === "number" ? Number(text) : text;
    return valid(key, value) ? value : fallback;
  };
  const found = {};
  for (const key of SETTINGS) if (key !== "reference") found[key] = read(key, query.get(key), state[key]);
  found.reference = Object.fromEntries(
    PATIENT.map((key) => [key, read(key, query.get(`ref.${key}`), found[key])]),
  );
  return found;
}

function toCsv(data, state) {
  const rows = [["quantity", "outcome", "patient", "month", "estimate", "lower_95", "upper_95"]];
  const digits = (x) => (Number.isNaN(x) ? "" : Number(x.toPrecision(12)));
  for (const [who, p] of [
    ["this", state],
    ["reference", state.reference],
  ]) {
    for (const key of PATIENT) rows.push([`setting: ${key}`, "", who, "", p[key], "", ""]);
    rows.push(["setting: bed_gy", "", who, "", digits(bedOf(p)), "", ""]);
  }
  rows.push(["setting: source", "", "", "", state.source, "", ""]);
  for (const [outcome, r] of Object.entries(evaluate(data, state))) {
    rows.push([
      "hazard ratio",
      outcome,
      "this against reference",
      "",
      ...[r.hr, r.lower, r.upper].map(digits),
    ]);
    for (const [who, key] of [
      ["this", "patient"],
      ["reference", "reference"],
    ]) {
      for (const rate of r.rates)
        rows.push([
          "event-free at month",
          outcome,
          who,
          rate.month,
          ...["survival", "lower", "upper"].map((name) => digits(rate[key][name])),
        ]);
      r[key].t.forEach((t, i) =>
        rows.push([
          "event-free, step of the curve",
          outcome,
          who,
          digits(t),
          ...["survival", "lower", "upper"].map((name) => digits(r[key][name][i])),
        ]),
      );
    }
  }
  return `${rows.map((row) => row.map((x) => (/[",\n]/.test(x) ? `"${String(x).replace(/"/g, '""')}"` : x)).join(",")).join("\r\n")}\r\n`;
}

// Lines of at most so many characters, broken between words.
function wrap(text, length = 100) {
  const lines = [""];
  for (const word of text.split(" ")) {
    if (lines.at(-1).length + word.length > length) lines.push(word);
    else lines.push(`${lines.pop()} ${word}`.trim());
  }
  return lines;
}

// The four charts on one sheet, in the light theme, with every style written into the elements.
function exportFigure({ root, data, state, charts, result }) {
  const used = new Set(
    Object.values(data.models[state.source]).flatMap((m) => m.terms.map((term) => term[0])),
  );
  const line = (x, y, text, bold) =>
    s("text", { x, y, class: "rx-sheet", "font-weight": bold ? 600 : 400 }, text);
  const lines = [
    `This patient (solid): ${describe(data, state, used)}`,
    `Reference (dashed): ${describe(data, state.reference, used)}`,
    ...Object.entries(result).map(
      ([key, r]) =>
        `Hazard ratio of ${OUTCOMES[key].event} ${ratio(r.hr)} (95 % CI ${ratio(r.lower)} to ${ratio(r.upper)})`,
    ),
    `Source: ${data.sources.find(({ key }) => key === state.source).label}. ${data.caution}`,
  ].flatMap((text) => wrap(text));
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
  const keep = [
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
  for (const node of sheet.querySelectorAll("*")) {
    const style = getComputedStyle(node);
    const text = keep.map((key) => `${key}:${style.getPropertyValue(key)}`).join(";");
    node.setAttribute("style", text);
  }
  for (const node of sheet.querySelectorAll("[class]")) node.removeAttribute("class");
  sheet.remove();
  root.dataset.rxTheme = theme;
  return { text: new XMLSerializer().serializeToString(sheet), width, height };
}
