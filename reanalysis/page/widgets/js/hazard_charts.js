// What the explorer draws. Each function makes an SVG once and returns it with a `draw` that only
// moves what has changed.

import { put, s, set } from "./dom.js";
import { hundred } from "./hazard_words.js";
import { tenByTen } from "./people.js";
import { BOX, chart, px } from "./plot.js";
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
        const { survival, lower, upper } = rate[key === "a" ? "patient" : "reference"];
        const [free, sure, open] = [survival, lower, upper].map((p) => (Number.isNaN(p) ? 0 : Math.round(100 * p)));
        put(title, `${key === "a" ? "This patient" : "Reference"}: ${hundred(survival)} of 100`);
        if (array.drawn === `${free} ${sure} ${open}`) continue;
        array.drawn = `${free} ${sure} ${open}`;
        people.forEach((person, i) =>
          set(person, {
            class: `${i < free ? `rx-free-${key}` : "rx-event"}${i >= sure && i < open ? ` rx-open rx-open-${key}` : ""}`,
          }),
        );
      }
    },
  };
}
