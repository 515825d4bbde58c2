// Helpers that every widget of the book shares. Python puts this text in front of each widget's
// own module, so that one `_esm` holds all of it: no import, no build step, no network.

const Z = 1.959963984540054; // 97.5th percentile of the standard normal distribution
const SVG = "http://www.w3.org/2000/svg";
let serial = 0;
const uid = (stem) => `rx-${stem}-${++serial}-${Math.random().toString(36).slice(2, 7)}`;

// ---- Elements -------------------------------------------------------------------------------

function fill(node, attributes, children) {
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (value === true) node.setAttribute(key, "");
    else if (value !== false && value != null) node.setAttribute(key, value);
  }
  node.append(...children.flat(Infinity).filter((child) => child != null));
  return node;
}
const h = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);
const s = (tag, attributes, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);

// Writing to the DOM costs more than comparing: leave alone what is right already.
function put(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
function set(node, name, value) {
  const text = String(value);
  if (node.getAttribute(name) !== text) node.setAttribute(name, text);
}
function show(node, visible) {
  if (node.hidden === visible) node.hidden = !visible;
}

// ---- Controls -------------------------------------------------------------------------------
// Native inputs. JupyterLab takes arrow keys for itself unless the input says otherwise.

const KEEP_KEYS = { "data-lm-suppress-shortcuts": "true" };

// A slider with its value beside the label. `text` turns the value into words.
function slider({ label, note, min, max, step, text, oninput }) {
  const id = uid("slider");
  const small = h("small", {}, note);
  const output = h("span", { class: "rx-value", "aria-hidden": "true" }); // spoken as aria-valuetext
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
  const el = h(
    "div",
    { class: "rx-control rx-slider" },
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
      set(input, "aria-valuetext", words);
      set(el, "style", `--rx-at:${at(value)}%`);
    },
  };
}

// One of a few: radio buttons drawn as a segmented control. `options` are [value, text] pairs.
function choice({ label, note, options, onchange }) {
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
    h("div", { class: "rx-segments" }, segments),
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

function dropdown({ label, options, onchange }) {
  const id = uid("select");
  const input = h(
    "select",
    { id, ...KEEP_KEYS, onchange: () => onchange(input.value) },
    options.map(([value, text, disabled]) => h("option", { value, disabled }, text)),
  );
  const el = h("div", { class: "rx-control rx-select" }, h("label", { for: id }, label), input);
  return {
    el,
    input,
    set(value) {
      if (input.value !== value) input.value = value;
    },
  };
}

const button = (text, onclick, attributes) =>
  h("button", { type: "button", ...KEEP_KEYS, onclick, ...attributes }, text);

// ---- Numbers as text ------------------------------------------------------------------------

const percent = (p) => `${Math.round(100 * p)} %`;
function ratio(x) {
  if (x >= 1000) return "> 999";
  if (x < 0.001) return "< 0.001";
  return x >= 100 ? x.toFixed(0) : x >= 10 ? x.toFixed(1) : x >= 0.095 ? x.toFixed(2) : x.toPrecision(1);
}
const list = (items) =>
  items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
const trim = (x, digits = 1) => String(Number(x.toFixed(digits)));

// The linear-quadratic model: n fractions of d Gy, no term for proliferation.
const bed = (dose, fractions, alphaBeta) => dose * (1 + dose / fractions / alphaBeta);
// The total dose that gives a BED in so many fractions: the positive root of the same equation.
const doseForBed = (value, fractions, alphaBeta) =>
  ((fractions * alphaBeta) / 2) * (Math.sqrt(1 + (4 * value) / (fractions * alphaBeta)) - 1);

// ---- Charts ---------------------------------------------------------------------------------

// A range without width, as of one cut-point alone, stands in the middle.
const linear = (d0, d1, r0, r1) => (x) => r0 + (d1 === d0 ? 0.5 : (x - d0) / (d1 - d0)) * (r1 - r0);
const clamp = (x, lo, hi) => Math.min(hi, Math.max(lo, x));
const px = (x) => Math.round(x * 10) / 10;

// Axes of a plot: `box` is {l, t, r, b} in user units, ticks are [position, text] pairs.
function axes(box, xTicks, yTicks, xLabel, yLabel, grid = true) {
  return s(
    "g",
    { class: "rx-axes" },
    yTicks.map(([y, text]) => [
      grid ? s("line", { class: "rx-gridline", x1: box.l, x2: box.r, y1: px(y), y2: px(y) }) : null,
      s("text", { x: box.l - 6, y: px(y) + 4, "text-anchor": "end" }, text),
    ]),
    xTicks.map(([x, text]) => [
      s("line", { class: "rx-tick", x1: px(x), x2: px(x), y1: box.b, y2: box.b + 4 }),
      s("text", { x: px(x), y: box.b + 16, "text-anchor": "middle" }, text),
    ]),
    s("line", { class: "rx-tick", x1: box.l, x2: box.r, y1: box.b, y2: box.b }),
    s("text", { class: "rx-title", x: (box.l + box.r) / 2, y: box.b + 31, "text-anchor": "middle" }, xLabel),
    yLabel
      ? s("text", { class: "rx-title", x: box.l - 6, y: box.t - 9, "text-anchor": "start" }, yLabel)
      : null,
  );
}

// A right-continuous step function as a path, and the area between two of them.
function steps(times, values, end, X, Y, start = 1) {
  let d = `M${px(X(0))},${px(Y(start))}`;
  for (let i = 0; i < times.length && times[i] <= end; i++) d += `H${px(X(times[i]))}V${px(Y(values[i]))}`;
  return `${d}H${px(X(end))}`;
}
function ribbon(times, lower, upper, end, X, Y, start = 1) {
  let d = steps(times, upper, end, X, Y, start); // there along the upper limit, back along the lower
  let i = times.length - 1;
  while (i >= 0 && times[i] > end) i--;
  for (; i >= 0; i--) d += `V${px(Y(lower[i]))}H${px(X(times[i]))}`;
  return `${d}V${px(Y(start))}H${px(X(0))}Z`;
}
// Value of a step function at t: the last step at or before it.
function stepAt(times, values, t, start = 1) {
  let lo = 0;
  let hi = times.length;
  while (lo < hi) {
    const mid = (lo + hi) >> 1;
    if (times[mid] <= t) lo = mid + 1;
    else hi = mid;
  }
  return lo ? values[lo - 1] : start;
}

// A person, 10 by 14 units.
const PERSON =
  "M5 0a2.3 2.3 0 1 1 0 4.6a2.3 2.3 0 0 1 0-4.6M2.8 5.2h4.4a1.6 1.6 0 0 1 1.6 1.6v3.4h-1.5v3.6H2.7v-3.6H1.2V6.8a1.6 1.6 0 0 1 1.6-1.6Z";

// ---- Theme ----------------------------------------------------------------------------------

// The book's theme marks <html data-theme>, JupyterLab <body data-jp-theme-light>; otherwise the
// reader's system decides. Returns a function that stops watching.
function followTheme(root) {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const book = document.documentElement.dataset.theme;
    const lab = document.body.dataset.jpThemeLight;
    const dark = book ? book === "dark" : lab ? lab === "false" : system.matches;
    root.dataset.rxTheme = dark ? "dark" : "light";
  };
  apply();
  const observer = new MutationObserver(apply);
  observer.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  observer.observe(document.body, { attributeFilter: ["data-jp-theme-light"] });
  system.addEventListener("change", apply);
  return () => {
    observer.disconnect();
    system.removeEventListener("change", apply);
  };
}

// ---- Announcements --------------------------------------------------------------------------

// A polite live region: says the last of a burst of changes once it has settled.
function announcer(delay = 700) {
  const el = h("p", { class: "rx-sr", role: "status", "aria-live": "polite" });
  let timer;
  return {
    el,
    say(text) {
      clearTimeout(timer);
      timer = setTimeout(() => put(el, text()), delay);
    },
    stop: () => clearTimeout(timer),
  };
}

// ---- Life of a widget -----------------------------------------------------------------------

// Root element, theme, hiding of the still version, and the loop between traits and DOM.
// `traits` are the settings: they are redrawn when Python changes them, kept in a link, and reset.
// `build` makes the DOM once and returns `draw`, called once per burst of changes; what `draw`
// returns writes the descriptions of the figures and gives the words for a screen reader.
function widget({ model, el, label, traits, build }) {
  const root = h("section", { class: "rx", "aria-label": label });
  const live = announcer();
  const ears = [];
  let mine = false;
  let waiting = false;
  let spoken = false;
  let draw;
  const redraw = () => {
    const tell = draw();
    if (spoken) live.say(tell);
    else tell(); // nobody has changed anything yet: describe, and keep silent
    spoken = true;
  };
  const read = () => Object.fromEntries(traits.map((key) => [key, model.get(key)]));
  const change = (values) => {
    mine = true;
    for (const [name, value] of Object.entries(values)) model.set(name, value);
    mine = false;
    redraw();
    model.save_changes();
  };
  const reset = () => change(model.get("_initial"));
  for (const name of traits) {
    const ear = () => {
      if (mine || waiting) return;
      waiting = true; // several traits that Python sets at once are one redraw
      queueMicrotask(() => {
        waiting = false;
        redraw();
      });
    };
    model.on(`change:${name}`, ear);
    ears.push([`change:${name}`, ear]);
  }
  draw = build({ root, read, change, reset, live });
  root.append(live.el);
  redraw();
  const stopTheme = followTheme(root);
  el.append(root);
  // The still figure and table that Python displays for readers without JavaScript.
  const still = `[data-still="${CSS.escape(model.get("_name"))}"]`;
  el.append(h("style", {}, `${still}{display:none!important}`));
  return () => {
    stopTheme();
    live.stop();
    for (const [event, ear] of ears) model.off(event, ear);
  };
}
