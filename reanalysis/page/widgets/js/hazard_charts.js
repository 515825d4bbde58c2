// What the explorer draws. Each function makes an SVG once and returns it with a `draw` that only
// moves what has changed.

import { bedOf } from "./dose.js";
import { put, s, set, uid } from "./dom.js";
import { design, dot } from "./hazard_model.js";
import { hundred } from "./hazard_words.js";
import { tenByTen } from "./people.js";
import { axes, BOX, chart, clamp, linear, px } from "./plot.js";
import { ribbon, stepAt, steps } from "./steps.js";
import { survivalPlot } from "./survival_plot.js";

// Survival curves of both patients; returns the figure and a function that redraws it.
export function curveChart(end, time, title) {
  const { X, Y, frame } = survivalPlot(end, time, title);
  const path = (name) => s("path", { class: name });
  const parts = {
    bandB: path("rx-band-b"),
    bandA: path("rx-band-a"),
    b: path("rx-line-b"),
    a: path("rx-line-a"),
  };
  const rule = s("line", { class: "rx-rule", y1: BOX.t, y2: BOX.b });
  const dots = { b: s("circle", { class: "rx-dot-b", r: 3.5 }), a: s("circle", { class: "rx-dot-a", r: 4 }) };
  const svg = chart({}, frame, Object.values(parts), rule, Object.values(dots));
  let drawn;
  return {
    svg,
    draw(result, month) {
      const { patient: a, reference: b } = result;
      if (b !== drawn) {
        drawn = b;
        set(parts.bandB, { d: ribbon(b.t, b.lower, b.upper, end, X, Y) });
        set(parts.b, { d: steps(b.t, b.survival, end, X, Y) });
      }
      set(parts.bandA, { d: ribbon(a.t, a.lower, a.upper, end, X, Y) });
      set(parts.a, { d: steps(a.t, a.survival, end, X, Y) });
      const x = px(X(Math.min(month, end)));
      set(rule, { x1: x, x2: x });
      for (const [key, curve] of Object.entries({ a, b }))
        set(dots[key], { cx: x, cy: px(Y(stepAt(curve.t, curve.survival, month))) });
    },
  };
}

// The hazard ratio and its interval on a log scale; arrows where the scale ends first.
export function ratioChart() {
  const X = linear(Math.log(1 / 40), Math.log(40), 8, 312);
  const place = (value) => clamp(X(Math.log(value)), 8, 312);
  const line = s("line", { class: "rx-interval", y1: 14, y2: 14 });
  const mark = s("rect", { class: "rx-dot-a", width: 9, height: 9, y: 9.5 });
  const ends = ["lower", "upper"].map((side) => [side, s("path", { class: "rx-interval" })]);
  const svg = s(
    "svg",
    { viewBox: "0 0 320 40", "aria-hidden": "true" },
    s(
      "g",
      { class: "rx-axes" },
      s("line", { class: "rx-tick", x1: 8, x2: 312, y1: 24, y2: 24 }),
      [0.05, 0.2, 0.5, 1, 2, 5, 20].map((value) => [
        s("line", {
          class: value === 1 ? "rx-one" : "rx-tick",
          x1: px(place(value)),
          x2: px(place(value)),
          y1: value === 1 ? 3 : 22,
          y2: 26,
        }),
        s("text", { x: px(place(value)), y: 38, "text-anchor": "middle" }, value),
      ]),
    ),
    line,
    ends.map(([, end]) => end),
    mark,
  );
  return {
    svg,
    draw(result) {
      set(line, { x1: px(place(result.lower)), x2: px(place(result.upper)) });
      set(mark, { x: px(place(result.hr) - 4.5) });
      for (const [side, end] of ends) {
        const x = px(place(result[side]));
        const beyond = X(Math.log(result[side])) < 8 ? 5 : X(Math.log(result[side])) > 312 ? -5 : 0;
        set(end, { d: beyond ? `M${x + beyond},10L${x},14L${x + beyond},18` : `M${x},10V18` });
      }
    },
  };
}

// Map of the hazard ratio over size and BED. The log hazard ratio is linear in both, so a linear
// gradient is not an approximation: it is the map.
export function hazardMap(data, onpick) {
  const [size0, size1] = data.size;
  const [bed0, bed1] = data.bed;
  const X = linear(size0, size1, BOX.l, BOX.r);
  const Y = linear(bed0, bed1, BOX.b, BOX.t);
  const limit = Math.log(16);
  const id = uid("map");
  const gradient = s(
    "linearGradient",
    { id, gradientUnits: "userSpaceOnUse" },
    [0, 1, 2, 3, 4, 5, 6].map((i) => s("stop", { offset: i / 6, class: `rx-stop-${i}` })),
  );
  const area = s("rect", {
    x: BOX.l,
    y: BOX.t,
    width: BOX.r - BOX.l,
    height: BOX.b - BOX.t,
    fill: `url(#${id})`,
  });
  const contours = [1 / 16, 1 / 8, 1 / 4, 1 / 2, 1, 2, 4, 8, 16].map((value) => {
    const name = value >= 1 ? String(value) : `1/${1 / value}`;
    return {
      log: Math.log(value),
      line: s("line", { class: value === 1 ? "rx-contour rx-even" : "rx-contour" }),
      text: s("text", { class: "rx-contour-text", "text-anchor": "middle" }, name),
    };
  });
  const side = [0, 4, 7, 10];
  const d = data.density;
  const people = d?.bed
    ? d.level
        .flatMap((row, i) =>
          row.map(
            (level, j) =>
              level &&
              s("rect", {
                class: "rx-people",
                width: side[level],
                height: side[level],
                x: px(X((d.size[i] + d.size[i + 1]) / 2) - side[level] / 2),
                y: px(Y((d.bed[j] + d.bed[j + 1]) / 2) - side[level] / 2),
              }),
          ),
        )
        .filter(Boolean)
    : [];
  const b = s("circle", { class: "rx-mark-b", r: 5.5 });
  const a = s("circle", { class: "rx-mark-a", r: 6 });
  const sizeTicks = [1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 25].filter(
    (x) => x <= size1 && (size1 < 9 || x > 6 || x % 2 === 0),
  );
  const bedTicks = Array.from({ length: 30 }, (_, i) => 20 * i).filter((y) => y >= bed0 && y <= bed1);
  const svg = chart(
    { class: "rx-map" },
    s("defs", {}, gradient),
    area,
    axes(
      BOX,
      sizeTicks.map((x) => [X(x), x]),
      bedTicks.map((y) => [Y(y), y]),
      `${data.numbers[data.keys.size].label}, ${data.numbers[data.keys.size].unit}`,
      "BED, Gy",
      false,
    ),
    people,
    contours.map((c) => [c.line, c.text]),
    b,
    a,
  );
  const pick = (event) => {
    const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    const back = (v, lo, hi, r0, r1) => clamp(lo + ((v - r0) / (r1 - r0)) * (hi - lo), lo, hi);
    onpick(back(point.x, size0, size1, BOX.l, BOX.r), back(point.y, bed0, bed1, BOX.b, BOX.t));
  };
  svg.addEventListener("pointerdown", pick);
  svg.addEventListener(
    "pointermove",
    (event) => event.pointerType === "mouse" && event.buttons === 1 && pick(event),
  );
  return {
    svg,
    draw(m, state) {
      const slope = (name) => m.terms.find((term) => term[0] === name)?.[2] ?? 0;
      const perX = slope(data.keys.size) / (X(1) - X(0));
      const perY = slope(data.keys.bed) / (Y(1) - Y(0));
      // Log hazard ratio at the corner (BOX.l, BOX.t), all else as in this patient.
      const here = { x: X(state[data.keys.size]), y: Y(bedOf(state)) };
      const log = dot(m, design(m, state)) - dot(m, design(m, state.reference));
      const corner = log + perX * (BOX.l - here.x) + perY * (BOX.t - here.y);
      const steep = perX ** 2 + perY ** 2 || 1e-12;
      const along = (value) => [
        BOX.l + ((value - corner) * perX) / steep,
        BOX.t + ((value - corner) * perY) / steep,
      ];
      const [[x1, y1], [x2, y2]] = [along(-limit), along(limit)];
      set(gradient, { x1: px(x1), y1: px(y1), x2: px(x2), y2: px(y2) });
      for (const { log: value, line, text } of contours) {
        // Where the contour meets the frame: on left and right, or on top and bottom.
        const rest = value - corner;
        const ends = [];
        for (const x of [BOX.l, BOX.r]) {
          const y = BOX.t + (rest - perX * (x - BOX.l)) / perY;
          if (y >= BOX.t && y <= BOX.b) ends.push([x, y]);
        }
        for (const y of [BOX.t, BOX.b]) {
          const x = BOX.l + (rest - perY * (y - BOX.t)) / perX;
          if (x > BOX.l && x < BOX.r) ends.push([x, y]);
        }
        const inside = ends.length >= 2;
        const long = inside && Math.hypot(ends[0][0] - ends[1][0], ends[0][1] - ends[1][1]) > 40;
        const seen = (yes) => ({ visibility: yes ? "visible" : "hidden" });
        set(line, seen(inside));
        set(text, seen(long));
        if (!inside) continue;
        const [[xa, ya], [xb, yb]] = ends;
        set(line, { x1: px(xa), y1: px(ya), x2: px(xb), y2: px(yb) });
        set(text, { x: px(0.25 * xa + 0.75 * xb), y: px(0.25 * ya + 0.75 * yb + 4) });
      }
      for (const [mark, p] of [
        [a, state],
        [b, state.reference],
      ]) {
        set(mark, {
          cx: px(clamp(X(p[data.keys.size]), BOX.l, BOX.r)),
          cy: px(clamp(Y(bedOf(p)), BOX.t, BOX.b)),
        });
      }
    },
  };
}

// Ten by ten people for each of the two patients.
export function iconArrays() {
  const svg = chart({});
  const arrays = ["a", "b"].map((key, k) => {
    const title = s("text", { class: "rx-title", x: 160 * k + 12, y: 13 });
    const people = tenByTen(160 * k + 12);
    svg.append(title, ...people);
    return { key, title, people };
  });
  return {
    svg,
    draw(rate) {
      for (const array of arrays) {
        const { key, title, people } = array;
        const p = rate[key === "a" ? "patient" : "reference"].survival;
        const free = Number.isNaN(p) ? 0 : Math.round(100 * p);
        put(title, `${key === "a" ? "This patient" : "Reference"}: ${hundred(p)} of 100`);
        if (array.free === free) continue;
        array.free = free;
        people.forEach((person, i) => set(person, { class: i < free ? `rx-free-${key}` : "rx-event" }));
      }
    },
  };
}
