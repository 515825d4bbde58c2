// The hazard explorer: how tumour size and BED shift the hazards of local failure and death.
// Everything is recomputed here, from the coefficients, covariance and baseline in `_data`.

const LEVELS = ["bclc_stage", "child_pugh_class", "afp_group", "any_cr"];
const PATIENT = ["tumor_size_cm", "total_dose_gy", "fractions", "alpha_beta", "prior_sessions", ...LEVELS];
const SETTINGS = [...PATIENT, "source", "outcome", "month", "reference"];
const MONTHS = [12, 24, 36];
const OUTCOMES = {
  local_failure: { title: "Local control", event: "local failure", free: "free of local failure" },
  death: { title: "Overall survival", event: "death", free: "alive" },
};

// ---- Statistics -----------------------------------------------------------------------------

// The patient in the coding of a model: each covariate as its distance from the model's centre.
const design = (m, patient) =>
  m.terms.map(([name, level, , centre]) =>
    (level === null ? (name === "bed10_gy" ? bedOf(patient) : patient[name]) : patient[name] === level ? 1 : 0) - centre);
const bedOf = (patient) => bed(patient.total_dose_gy, patient.fractions, patient.alpha_beta);
const dot = (m, x) => m.terms.reduce((sum, term, i) => sum + term[2] * x[i], 0);

// x' V x, the variance of a linear combination of the coefficients.
function quadratic(cov, x) {
  let sum = 0;
  for (let i = 0; i < x.length; i++) for (let j = 0; j < x.length; j++) sum += x[i] * cov[i][j] * x[j];
  return sum;
}

function hazardRatio(m, patient, reference) {
  const a = design(m, patient);
  const b = design(m, reference);
  const x = a.map((value, i) => value - b[i]);
  const log = dot(m, x);
  const half = Z * Math.sqrt(Math.max(0, quadratic(m.cov, x)));
  return { hr: Math.exp(log), lower: Math.exp(log - half), upper: Math.exp(log + half),
    parts: m.terms.map((term, i) => [term[0], Math.exp(term[2] * x[i])]).filter(([, part]) => part !== 1) };
}

// Predicted survival with its pointwise 95 % band at each event time, as R's
// survfit(coxph(...), newdata) has it: the cumulative hazard H at the centre, the sum V for the
// uncertainty of the baseline, and q = x H - Q, through which that of the coefficients enters.
function predict(m, patient) {
  const x = design(m, patient);
  const risk = Math.exp(dot(m, x));
  const size = m.t.length;
  const survival = new Array(size);
  const lower = new Array(size);
  const upper = new Array(size);
  const q = new Array(x.length);
  for (let k = 0; k < size; k++) {
    for (let i = 0; i < x.length; i++) q[i] = x[i] * m.H[k] - (m.Q ? m.Q[i][k] : 0);
    const se = risk * Math.sqrt((m.V ? m.V[k] : 0) + quadratic(m.cov, q));
    const hazard = risk * m.H[k];
    survival[k] = Math.exp(-hazard);
    if (m.ci === "log") {
      lower[k] = Math.exp(-hazard - Z * se);
      upper[k] = Math.min(1, Math.exp(-hazard + Z * se));
    } else {
      lower[k] = Math.exp(-hazard * Math.exp((Z * se) / hazard));
      upper[k] = Math.exp(-hazard * Math.exp((-Z * se) / hazard));
    }
  }
  return { t: m.t, survival, lower, upper };
}

// What a curve says at a month; nothing beyond the last month under observation.
function at(m, curve, month) {
  const seen = month <= m.end;
  return Object.fromEntries(["survival", "lower", "upper"].map((key) => [key, seen ? stepAt(curve.t, curve[key], month) : NaN]));
}

// Every number that the widget shows, for both outcomes.
export function evaluate(data, state) {
  const result = {};
  for (const outcome of Object.keys(OUTCOMES)) {
    const m = data.models[state.source][outcome];
    if (!m) continue;
    const patient = predict(m, state);
    const reference = predict(m, state.reference);
    result[outcome] = {
      ...hazardRatio(m, state, state.reference), patient, reference,
      rates: MONTHS.map((month) => ({ month, patient: at(m, patient, month), reference: at(m, reference, month) })),
    };
  }
  return result;
}

// ---- Words ----------------------------------------------------------------------------------

const dose = (p) => `${trim(p.total_dose_gy, 2)} Gy in ${p.fractions}`;
const hundred = (p) => (Number.isNaN(p) ? "–" : String(Math.round(100 * p)));

// Where the cohort has patients near this size and BED: null, "few" or "none".
function support(density, size, value) {
  if (!density) return null;
  const bin = (edges, x) => (x === edges.at(-1) ? edges.length - 2 : edges.findIndex((edge, i) => x >= edge && x < edges[i + 1]));
  const i = bin(density.size, Math.round(size * 1e6) / 1e6);
  const j = density.bed ? bin(density.bed, Math.round(value * 1e6) / 1e6) : 0;
  const level = i < 0 || j < 0 ? 0 : density.level[i][j];
  return level === 0 ? "none" : level === 1 ? "few" : null;
}

// ---- Charts ---------------------------------------------------------------------------------

// Survival curves of both patients; returns the figure and a function that redraws it.
function curveChart(title, end) {
  const box = { l: 34, r: 312, t: 22, b: 176 };
  const X = linear(0, end, box.l, box.r);
  const Y = linear(0, 1, box.b, box.t);
  const ticks = [];
  for (let t = 0; t <= end; t += 12) ticks.push([X(t), t]);
  const path = (name) => s("path", { class: name });
  const parts = { bandB: path("rx-band-b"), bandA: path("rx-band-a"), b: path("rx-line-b"), a: path("rx-line-a") };
  const rule = s("line", { class: "rx-rule", y1: box.t, y2: box.b });
  const dots = { b: s("circle", { class: "rx-dot-b", r: 3.5 }), a: s("circle", { class: "rx-dot-a", r: 4 }) };
  const svg = s("svg", { viewBox: "0 0 320 212", role: "img" },
    axes(box, ticks, [0, 0.25, 0.5, 0.75, 1].map((y) => [Y(y), 100 * y]), "Months after SBRT", `${title}, %`),
    Object.values(parts), rule, Object.values(dots));
  return {
    svg,
    draw(result, month) {
      const { patient: a, reference: b } = result;
      set(parts.bandB, "d", ribbon(b.t, b.lower, b.upper, end, X, Y));
      set(parts.bandA, "d", ribbon(a.t, a.lower, a.upper, end, X, Y));
      set(parts.b, "d", steps(b.t, b.survival, end, X, Y));
      set(parts.a, "d", steps(a.t, a.survival, end, X, Y));
      const x = px(X(Math.min(month, end)));
      set(rule, "x1", x);
      set(rule, "x2", x);
      for (const [key, curve] of [["a", a], ["b", b]]) {
        set(dots[key], "cx", x);
        set(dots[key], "cy", px(Y(stepAt(curve.t, curve.survival, month))));
      }
    },
  };
}

// The hazard ratio and its interval on a log scale; arrows where the scale ends first.
function ratioChart() {
  const X = linear(Math.log(1 / 40), Math.log(40), 8, 312);
  const place = (value) => clamp(X(Math.log(value)), 8, 312);
  const line = s("line", { class: "rx-interval", y1: 14, y2: 14 });
  const dot = s("rect", { class: "rx-dot-a", width: 9, height: 9, y: 9.5 });
  const ends = ["lower", "upper"].map((side) => [side, s("path", { class: "rx-interval" })]);
  const svg = s("svg", { viewBox: "0 0 320 40", "aria-hidden": "true" },
    s("g", { class: "rx-axes" },
      s("line", { class: "rx-tick", x1: 8, x2: 312, y1: 24, y2: 24 }),
      [0.05, 0.2, 0.5, 1, 2, 5, 20].map((value) => [
        s("line", { class: value === 1 ? "rx-one" : "rx-tick", x1: px(place(value)), x2: px(place(value)), y1: value === 1 ? 3 : 22, y2: 26 }),
        s("text", { x: px(place(value)), y: 38, "text-anchor": "middle" }, value)])),
    line, ends.map(([, end]) => end), dot);
  return {
    svg,
    draw(result) {
      set(line, "x1", px(place(result.lower)));
      set(line, "x2", px(place(result.upper)));
      set(dot, "x", px(place(result.hr) - 4.5));
      for (const [side, end] of ends) {
        const x = px(place(result[side]));
        const beyond = X(Math.log(result[side])) < 8 ? 5 : X(Math.log(result[side])) > 312 ? -5 : 0;
        set(end, "d", beyond ? `M${x + beyond},10L${x},14L${x + beyond},18` : `M${x},10V18`);
      }
    },
  };
}

// Map of the hazard ratio over size and BED. The log hazard ratio is linear in both, so a linear
// gradient is not an approximation: it is the map.
function hazardMap(data, onpick) {
  const box = { l: 34, r: 312, t: 22, b: 176 };
  const [size0, size1] = data.size;
  const [bed0, bed1] = data.bed;
  const X = linear(size0, size1, box.l, box.r);
  const Y = linear(bed0, bed1, box.b, box.t);
  const limit = Math.log(16);
  const id = uid("map");
  const gradient = s("linearGradient", { id, gradientUnits: "userSpaceOnUse" },
    [0, 1, 2, 3, 4, 5, 6].map((i) => s("stop", { offset: i / 6, class: `rx-stop-${i}` })));
  const area = s("rect", { x: box.l, y: box.t, width: box.r - box.l, height: box.b - box.t, fill: `url(#${id})` });
  const contours = [1 / 16, 1 / 8, 1 / 4, 1 / 2, 1, 2, 4, 8, 16].map((value) => {
    const name = value >= 1 ? String(value) : `1/${1 / value}`;
    return { log: Math.log(value), line: s("line", { class: value === 1 ? "rx-contour rx-even" : "rx-contour" }), text: s("text", { class: "rx-contour-text", "text-anchor": "middle" }, name) };
  });
  const side = [0, 4, 7, 10];
  const d = data.density;
  const people = d?.bed ? d.level.flatMap((row, i) => row.map((level, j) => level && s("rect", {
    class: "rx-people", width: side[level], height: side[level],
    x: px(X((d.size[i] + d.size[i + 1]) / 2) - side[level] / 2), y: px(Y((d.bed[j] + d.bed[j + 1]) / 2) - side[level] / 2),
  }))).filter(Boolean) : [];
  const b = s("circle", { class: "rx-mark-b", r: 5.5 });
  const a = s("circle", { class: "rx-mark-a", r: 6 });
  const sizeTicks = [1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 25].filter((x) => x <= size1 && (size1 < 9 || x > 6 || x % 2 === 0));
  const bedTicks = Array.from({ length: 30 }, (_, i) => 20 * i).filter((y) => y >= bed0 && y <= bed1);
  const svg = s("svg", { viewBox: "0 0 320 212", role: "img", class: "rx-map" },
    s("defs", {}, gradient), area,
    axes(box, sizeTicks.map((x) => [X(x), x]), bedTicks.map((y) => [Y(y), y]), "Tumour size, cm", "BED, Gy", false),
    people, contours.map((c) => [c.line, c.text]), b, a);
  const pick = (event) => {
    const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    const back = (v, lo, hi, r0, r1) => clamp(lo + ((v - r0) / (r1 - r0)) * (hi - lo), lo, hi);
    onpick(back(point.x, size0, size1, box.l, box.r), back(point.y, bed0, bed1, box.b, box.t));
  };
  svg.addEventListener("pointerdown", pick);
  svg.addEventListener("pointermove", (event) => event.pointerType === "mouse" && event.buttons === 1 && pick(event));
  return {
    svg,
    draw(m, state) {
      const slope = (name) => m.terms.find((term) => term[0] === name)?.[2] ?? 0;
      const perX = slope("tumor_size_cm") / (X(1) - X(0));
      const perY = slope("bed10_gy") / (Y(1) - Y(0));
      // Log hazard ratio at the corner (box.l, box.t), all else as in this patient.
      const here = { x: X(state.tumor_size_cm), y: Y(bedOf(state)) };
      const log = dot(m, design(m, state)) - dot(m, design(m, state.reference));
      const corner = log + perX * (box.l - here.x) + perY * (box.t - here.y);
      const steep = perX ** 2 + perY ** 2 || 1e-12;
      const along = (value) => [box.l + ((value - corner) * perX) / steep, box.t + ((value - corner) * perY) / steep];
      const [[x1, y1], [x2, y2]] = [along(-limit), along(limit)];
      for (const [key, value] of Object.entries({ x1, y1, x2, y2 })) set(gradient, key, px(value));
      for (const { log: value, line, text } of contours) {
        // Where the contour meets the frame: on left and right, or on top and bottom.
        const rest = value - corner;
        const ends = [];
        for (const x of [box.l, box.r]) {
          const y = box.t + (rest - perX * (x - box.l)) / perY;
          if (y >= box.t && y <= box.b) ends.push([x, y]);
        }
        for (const y of [box.t, box.b]) {
          const x = box.l + (rest - perY * (y - box.t)) / perX;
          if (x > box.l && x < box.r) ends.push([x, y]);
        }
        const inside = ends.length >= 2;
        set(line, "visibility", inside ? "visible" : "hidden");
        set(text, "visibility", inside && Math.hypot(ends[0][0] - ends[1][0], ends[0][1] - ends[1][1]) > 40 ? "visible" : "hidden");
        if (!inside) continue;
        const [[xa, ya], [xb, yb]] = ends;
        for (const [key, v] of Object.entries({ x1: xa, y1: ya, x2: xb, y2: yb })) set(line, key, px(v));
        set(text, "x", px(0.25 * xa + 0.75 * xb));
        set(text, "y", px(0.25 * ya + 0.75 * yb + 4));
      }
      for (const [mark, p] of [[a, state], [b, state.reference]]) {
        set(mark, "cx", px(clamp(X(p.tumor_size_cm), box.l, box.r)));
        set(mark, "cy", px(clamp(Y(bedOf(p)), box.t, box.b)));
      }
    },
  };
}

// Ten by ten people for each of the two patients.
function iconArrays() {
  const svg = s("svg", { viewBox: "0 0 320 212", role: "img" });
  const arrays = ["a", "b"].map((key, k) => {
    const title = s("text", { class: "rx-title", x: 160 * k + 12, y: 13 });
    const people = Array.from({ length: 100 }, (_, i) =>
      s("path", { d: PERSON, transform: `translate(${160 * k + 12 + 13.6 * (i % 10)},${24 + 18 * Math.floor(i / 10)})` }));
    svg.append(title, ...people);
    return { key, title, people };
  });
  return {
    svg,
    draw(rate) {
      for (const { key, title, people } of arrays) {
        const p = rate[key === "a" ? "patient" : "reference"].survival;
        const free = Number.isNaN(p) ? 0 : Math.round(100 * p);
        put(title, `${key === "a" ? "This patient" : "Reference"}: ${hundred(p)} of 100`);
        people.forEach((person, i) => set(person, "class", i < free ? `rx-free-${key}` : "rx-event"));
      }
    },
  };
}

// ---- State in the address -------------------------------------------------------------------

function toHash(name, state) {
  const query = new URLSearchParams();
  for (const key of SETTINGS) if (key !== "reference") query.set(key, state[key]);
  for (const key of PATIENT) if (state.reference[key] !== state[key]) query.set(`ref.${key}`, state.reference[key]);
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
  found.reference = Object.fromEntries(PATIENT.map((key) => [key, read(key, query.get(`ref.${key}`), found[key])]));
  return found;
}

// ---- The widget -----------------------------------------------------------------------------

function render({ model, el }) {
  const data = model.get("_data");
  const name = model.get("_name");
  const initial = model.get("_initial");
  const read = () => Object.fromEntries(SETTINGS.map((key) => [key, model.get(key)]));
  const valid = (key, value) => {
    if (key in data.range) return Number.isFinite(value) && value >= data.range[key][0] && value <= data.range[key][1];
    if (key in data.levels) return data.levels[key].options.some(([level]) => level === value);
    return { source: Object.keys(data.models), outcome: Object.keys(OUTCOMES), month: MONTHS }[key]?.includes(value) ?? false;
  };

  function build({ root, change }) {
    // Controls
    let custom = false; // dose and fractions are open although they make one of the regimens
    const patient = (state) => Object.fromEntries(PATIENT.map((key) => [key, state[key]]));
    const put1 = (key) => (value) => change({ [key]: value });
    const number = (key, label, step, text, note) =>
      slider({ label, note, min: data.range[key][0], max: data.range[key][1], step, text, oninput: put1(key) });
    const cm = (x) => `${x.toFixed(1)} cm`;
    const gy = (x) => `${trim(x, 2)} Gy`;
    const controls = {
      tumor_size_cm: number("tumor_size_cm", "Tumour size", 0.1, cm),
      bed10_gy: dropdown({
        label: "Dose and fractions",
        options: [...data.regimens.map(([d, n]) => [`${d}/${n}`, `${d} Gy in ${n}: BED ${trim(bed(d, n, 10))} Gy`]), ["custom", "Other: set below"]],
        onchange: (value) => {
          custom = value === "custom";
          const [d, n] = value.split("/").map(Number);
          change(custom ? {} : { total_dose_gy: d, fractions: n, alpha_beta: 10 });
        },
      }),
      total_dose_gy: number("total_dose_gy", "Total dose", 0.5, gy),
      fractions: number("fractions", "Fractions", 1, String),
      alpha_beta: number("alpha_beta", "α/β", 0.5, gy),
      prior_sessions: number("prior_sessions", "Prior sessions", 1, String),
    };
    for (const key of LEVELS) controls[key] = choice({ ...data.levels[key], onchange: put1(key) });
    const lq = h("div", { class: "rx-lq" }, controls.total_dose_gy.el, controls.fractions.el, controls.alpha_beta.el);
    const formula = h("p", { class: "rx-formula" });
    lq.append(formula);
    const source = choice({ label: "Hazard ratios from", options: data.sources.map(({ key, label }) => [key, label]), onchange: put1("source") });
    const warning = h("p", { class: "rx-warning" });
    const referenceText = h("span");
    const same = button("Make this patient the reference", () => change({ reference: patient(read()) }));
    const swap = button("Swap", () => {
      const state = read();
      change({ ...state.reference, reference: patient(state) });
    });
    const reset = button("Reset", () => {
      custom = false;
      change(initial);
    });

    // One card per outcome
    const cards = Object.fromEntries(Object.entries(OUTCOMES).map(([outcome, words]) => {
      const models = Object.values(data.models).map((source) => source[outcome]).filter(Boolean);
      const big = h("strong");
      const interval = h("span");
      const because = h("p", { class: "rx-because" });
      const ratioView = ratioChart();
      const chart = curveChart(words.title, Math.min(60, Math.max(36, ...models.map((m) => Math.floor(m.end)))));
      const cells = MONTHS.map(() => [h("td"), h("td"), h("td")]);
      const table = h("table", { class: "rx-table" },
        h("caption", {}, `${words.title}, % (95 % CI)`),
        h("thead", {}, h("tr", {}, ["Months", "This patient", "Reference"].map((text) => h("th", { scope: "col" }, text)))),
        h("tbody", {}, MONTHS.map((month, i) => h("tr", {}, h("th", { scope: "row" }, month), cells[i][0], cells[i][1]))));
      const gap = h("p", { class: "rx-note" });
      const body = h("div", { class: "rx-body" }, h("p", { class: "rx-ratio" }, big, interval), ratioView.svg, because, chart.svg);
      const card = h("div", { class: "rx-card", role: "group", "aria-label": words.title },
        h("p", { class: "rx-head" }, `Hazard of ${words.event} vs reference`), body, gap);
      return [outcome, { el: card, table, body, gap, big, interval, because, ratioView, chart, cells }];
    }));

    // The closer look at one outcome
    const outcome = choice({ label: "Closer look at", options: [["local_failure", "Local failure"], ["death", "Death"]], onchange: put1("outcome") });
    const month = choice({ label: "Months after SBRT", options: MONTHS.map((m) => [m, m]), onchange: put1("month") });
    const map = hazardMap(data, (size, value) => {
      const state = read();
      const near = data.regimens.find(([d, n]) => Math.abs(bed(d, n, 10) - value) < 3);
      const [n, ab] = [state.fractions, state.alpha_beta];
      change({ tumor_size_cm: Math.round(size * 10) / 10, ...(near
        ? { total_dose_gy: near[0], fractions: near[1], alpha_beta: 10 }
        : { total_dose_gy: clamp(Math.round(doseForBed(value, n, ab) * 2) / 2, ...data.range.total_dose_gy) }) });
    });
    const mapTitle = h("p", { class: "rx-head" });
    const mapLegend = h("p", { class: "rx-note" });
    const mapCard = h("div", { class: "rx-card" }, mapTitle, map.svg, mapLegend);
    const icons = iconArrays();
    const iconTitle = h("p", { class: "rx-head" });
    const iconSentence = h("p");
    const iconCard = h("div", { class: "rx-card" }, iconTitle, icons.svg, iconSentence);
    const basis = h("p");
    const live = announcer();
    const brief = h("p", { class: "rx-brief", "aria-hidden": "true" });

    // Files
    const figure = () => exportFigure({ root, data, state: read(), result: evaluate(data, read()), charts: [
      [cards.local_failure.chart.svg, "Predicted local control"], [cards.death.chart.svg, "Predicted overall survival"],
      [map.svg, mapTitle.textContent], [icons.svg, iconTitle.textContent]] });
    const files = [
      button("SVG", () => download(`${name}.svg`, new Blob([figure().text], { type: "image/svg+xml" })), { "aria-label": "Save the figure as SVG" }),
      button("PNG", async () => {
        const { text, width, height } = figure();
        download(`${name}.png`, await svgToPng(text, width, height));
      }, { "aria-label": "Save the figure as PNG" }),
      button("CSV", () => download(`${name}.csv`, new Blob([toCsv(data, read())], { type: "text/csv" })), { "aria-label": "Save the numbers as CSV" }),
    ];
    // Only a page of the book has an address of its own; a notebook keeps its state in Python.
    const link = model.page ? h("a", { class: "rx-link", ...KEEP_KEYS }, "Link to these settings") : null;
    if (link) link.addEventListener("click", () => {
      navigator.clipboard?.writeText(link.href).then(() => {
        put(link, "Link copied");
        live.say(() => "Link copied to the clipboard");
        setTimeout(() => put(link, "Link to these settings"), 2000);
      }, () => {});
    });

    const legend = (key, text, extra) => h("span", { class: `rx-key rx-key-${key}` }, text, extra);
    root.append(
      h("div", { class: "rx-panel" },
        h("div", { class: "rx-top" }, source.el, reset),
        h("div", { class: "rx-controls" }, ["tumor_size_cm", "bed10_gy"].map((key) => controls[key].el), lq),
        h("div", { class: "rx-row" }, [...LEVELS, "prior_sessions"].map((key) => controls[key].el)),
        h("p", { class: "rx-legend" }, legend("a", "This patient"), legend("b", "Reference: ", referenceText), h("span", { class: "rx-buttons" }, same, swap)),
        warning),
      h("div", { class: "rx-grid rx-aligned" }, Object.values(cards).map((card) => card.el)),
      h("div", { class: "rx-top" }, outcome.el, month.el),
      h("div", { class: "rx-grid" }, mapCard, iconCard),
      h("div", { class: "rx-grid" }, Object.values(cards).map((card) => card.table)),
      h("p", { class: "rx-caution" }, data.caution),
      h("details", {}, h("summary", { ...KEEP_KEYS }, "What these numbers rest on"), basis),
      h("p", { class: "rx-files" }, "Save ", files, link), brief, live.el);

    // Test hook and scripting: every number at full precision.
    root.numbers = () => evaluate(data, read());

    if (model.page) {
      const restore = () => {
        const found = fromHash(name, location.hash, read(), valid);
        if (found) change(found);
        return found;
      };
      addEventListener("hashchange", restore);
      queueMicrotask(() => restore() && root.scrollIntoView({ block: "nearest" }));
    }

    let spoken = false;
    return function draw() {
      const state = read();
      const models = data.models[state.source];
      const result = evaluate(data, state);
      const used = new Set(Object.values(models).flatMap((m) => m.terms.map((term) => term[0])));
      const value = bedOf(state);

      // Controls: those of the models in use, each with the outcomes that it concerns
      source.set(state.source);
      outcome.set(state.outcome);
      month.set(state.month);
      for (const key of PATIENT) controls[key].set(state[key]);
      const regimen = data.regimens.find(([d, n]) => d === state.total_dose_gy && n === state.fractions && state.alpha_beta === 10);
      const open = custom || !regimen;
      controls.bed10_gy.set(open ? "custom" : `${regimen[0]}/${regimen[1]}`);
      for (const key of ["tumor_size_cm", "bed10_gy", "prior_sessions", ...LEVELS]) show(controls[key].el, used.has(key));
      show(lq, open && used.has("bed10_gy"));
      put(formula, `BED = ${trim(state.total_dose_gy, 2)} × (1 + ${trim(state.total_dose_gy / state.fractions, 2)} / ${trim(state.alpha_beta, 2)}) = ${trim(value, 1)} Gy`);
      put(referenceText, describe(data, state.reference, used));

      // Outcomes
      for (const [key, card] of Object.entries(cards)) {
        const r = result[key];
        show(card.body, Boolean(r));
        show(card.table, Boolean(r));
        put(card.gap, r ? "" : data.gaps[state.source]?.[key] ?? "");
        if (!r) continue;
        put(card.big, `× ${ratio(r.hr)}`);
        put(card.interval, r.parts.length ? `95 % CI ${ratio(r.lower)} to ${ratio(r.upper)}` : "the same in both");
        put(card.because, r.parts.map(([term, part]) => `${data.short[term]} × ${ratio(part)}`).join("  ·  "));
        card.ratioView.draw(r);
        card.chart.draw(r, state.month);
        r.rates.forEach((rate, i) => ["patient", "reference"].forEach((who, k) => put(card.cells[i][k], cell(rate[who]))));
      }

      // Closer look
      // With one outcome on offer there is nothing to choose
      const shown = result[state.outcome] ? state.outcome : Object.keys(result)[0];
      show(outcome.el, Object.keys(result).length > 1);
      const r = result[shown];
      const words = OUTCOMES[shown];
      const rate = r?.rates.find((row) => row.month === state.month);
      const drawable = r && used.has("tumor_size_cm") && models[shown].terms.some((term) => term[0] === "bed10_gy");
      show(mapCard, Boolean(drawable));
      show(iconCard, Boolean(r));
      put(mapTitle, `Hazard ratio of ${words.event} by size and BED`);
      put(mapLegend, data.density?.bed ? "Lines of equal hazard ratio. Small squares: the cohort’s patients (fewer than 5, 5 to 19, 20 or more). Click to move this patient." : "Lines of equal hazard ratio. Click to move this patient.");
      if (drawable) map.draw(models[shown], state);
      put(iconTitle, `${words.free[0].toUpperCase()}${words.free.slice(1)} at ${state.month} months`);
      if (r) icons.draw(rate);
      if (r) put(iconSentence, sentence(shown, r));

      brief.replaceChildren(...Object.entries(result).map(([key, { hr }]) => h("span", {}, `${OUTCOMES[key].event} `, h("strong", {}, `× ${ratio(hr)}`))));
      put(warning, caveats(data, state, used, value));
      show(warning, warning.textContent !== "");
      put(basis, data.sources.find(({ key }) => key === state.source).basis);
      if (link) set(link, "href", toHash(name, state));

      // What a screen reader hears, once the reader has stopped moving things
      const tell = () => {
        for (const [key, card] of Object.entries(cards)) if (result[key]) set(card.chart.svg, "aria-label", `Curves of predicted ${OUTCOMES[key].title.toLowerCase()}. ${sentence(key, result[key])}`);
        set(map.svg, "aria-label", `Map of the hazard ratio of ${words.event}. This patient: ${cm(state.tumor_size_cm)}, BED ${trim(value)} Gy, hazard ratio ${r ? ratio(r.hr) : "not available"}.`);
        if (r) set(icons.svg, "aria-label", `${iconTitle.textContent}: this patient ${hundred(rate.patient.survival)}, reference ${hundred(rate.reference.survival)}.`);
        return `${Object.entries(result).map(([key, o]) => `Hazard ratio of ${OUTCOMES[key].event} ${ratio(o.hr)}, from ${ratio(o.lower)} to ${ratio(o.upper)}; ${OUTCOMES[key].title.toLowerCase()} at ${state.month} months ${percent(o.rates.find((row) => row.month === state.month).patient.survival)}.`).join(" ")} ${warning.textContent}`;
      };
      if (spoken) live.say(tell);
      else tell();
      spoken = true;
    };
  }
  return widget({ model, el, label: "Hazard explorer", traits: SETTINGS, build });
}

function sentence(outcome, r) {
  const of = (who) => list(r.rates.map((rate) => hundred(rate[who].survival)));
  return `Of 100 patients like this one, ${of("patient")} are expected to be ${OUTCOMES[outcome].free} at ${list(MONTHS.map(String))} months; of 100 like the reference, ${of("reference")}.`;
}
const cell = ({ survival, lower, upper }) =>
  Number.isNaN(survival) ? "not observed" : `${(100 * survival).toFixed(1)} (${(100 * lower).toFixed(0)}–${(100 * upper).toFixed(0)})`;

function describe(data, p, used) {
  const words = [];
  if (used.has("tumor_size_cm")) words.push(`${p.tumor_size_cm.toFixed(1)} cm`);
  if (used.has("bed10_gy")) words.push(`${dose(p)} (BED ${trim(bedOf(p))} Gy)`);
  for (const key of LEVELS) if (used.has(key)) words.push(`${data.short[key]} ${data.levels[key].options.find(([level]) => level === p[key])?.[1].replace(/^(Yes|No)$/, (word) => word.toLowerCase()) ?? p[key]}`);
  if (used.has("prior_sessions")) words.push(`${p.prior_sessions} prior session${p.prior_sessions === 1 ? "" : "s"}`);
  return words.join(", ");
}

// Where the reader leaves what the data can carry.
function caveats(data, state, used, value) {
  const notes = [];
  const near = used.has("tumor_size_cm") && support(data.density, state.tumor_size_cm, value);
  const where = data.density?.bed && used.has("bed10_gy") ? `a tumour near ${state.tumor_size_cm.toFixed(1)} cm and a BED near ${trim(value, 0)} Gy` : `a tumour near ${state.tumor_size_cm.toFixed(1)} cm`;
  if (near === "none") notes.push(`Extrapolation: no patient of this cohort had ${where}.`);
  if (near === "few") notes.push(`Few data: fewer than 5 patients of this cohort had ${where}.`);
  if (used.has("bed10_gy") && data.high && value >= data.high[0] - 10) notes.push(`${data.high[1]} of ${data.n} patients had a BED of ${data.high[0]} Gy or more.`);
  if (used.has("bed10_gy") && state.alpha_beta !== 10) notes.push("The hazard ratios are per Gy of BED with α/β 10 Gy; with another α/β the scale is one that they were not estimated on.");
  if (state.source === "paper" && state.tumor_size_cm > 6.9) notes.push("The paper’s tumours measured 0.7 to 6.9 cm.");
  return notes.join(" ");
}

// ---- Files ----------------------------------------------------------------------------------

function toCsv(data, state) {
  const rows = [["quantity", "outcome", "patient", "month", "estimate", "lower_95", "upper_95"]];
  const digits = (x) => (Number.isNaN(x) ? "" : Number(x.toPrecision(12)));
  for (const [who, p] of [["this", state], ["reference", state.reference]]) {
    for (const key of PATIENT) rows.push([`setting: ${key}`, "", who, "", p[key], "", ""]);
    rows.push(["setting: bed_gy", "", who, "", digits(bedOf(p)), "", ""]);
  }
  rows.push(["setting: source", "", "", "", state.source, "", ""]);
  for (const [outcome, r] of Object.entries(evaluate(data, state))) {
    rows.push(["hazard ratio", outcome, "this against reference", "", ...[r.hr, r.lower, r.upper].map(digits)]);
    for (const [who, key] of [["this", "patient"], ["reference", "reference"]]) {
      for (const rate of r.rates) rows.push(["event-free at month", outcome, who, rate.month, ...["survival", "lower", "upper"].map((name) => digits(rate[key][name]))]);
      r[key].t.forEach((t, i) => rows.push(["event-free, step of the curve", outcome, who, digits(t), ...["survival", "lower", "upper"].map((name) => digits(r[key][name][i]))]));
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
  const used = new Set(Object.values(data.models[state.source]).flatMap((m) => m.terms.map((term) => term[0])));
  const line = (x, y, text, bold) => s("text", { x, y, class: "rx-sheet", "font-weight": bold ? 600 : 400 }, text);
  const lines = [
    `This patient (solid): ${describe(data, state, used)}`, `Reference (dashed): ${describe(data, state.reference, used)}`,
    ...Object.entries(result).map(([key, r]) => `Hazard ratio of ${OUTCOMES[key].event} ${ratio(r.hr)} (95 % CI ${ratio(r.lower)} to ${ratio(r.upper)})`),
    `Source: ${data.sources.find(({ key }) => key === state.source).label}. ${data.caution}`,
  ].flatMap((text) => wrap(text));
  const theme = root.dataset.rxTheme;
  root.dataset.rxTheme = "light";
  const shown = charts.filter(([chart]) => chart.checkVisibility());
  const top = 40 + 18 * lines.length;
  const [width, height] = [720, top + 260 * Math.ceil(shown.length / 2)];
  const sheet = s("svg", { xmlns: SVG, width, height, viewBox: `0 0 ${width} ${height}` },
    s("rect", { width, height, fill: "#fff" }), lines.map((text, i) => line(24, 26 + 18 * i, text)));
  root.append(sheet); // styles exist only in the document
  shown.forEach(([chart, title], i) => {
    const [x, y] = [24 + 348 * (i % 2), top + 260 * Math.floor(i / 2)];
    const copy = chart.cloneNode(true);
    for (const [key, v] of Object.entries({ x, y: y + 8, width: 330, height: 219 })) copy.setAttribute(key, v);
    sheet.append(line(x, y, title, true), copy);
  });
  const keep = ["fill", "fill-opacity", "stroke", "stroke-opacity", "stroke-width", "stroke-dasharray", "opacity", "font-size", "font-weight", "font-family", "stop-color", "paint-order", "visibility"];
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

export default { render };
