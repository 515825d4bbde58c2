// A swimmer plot: one bar a patient from the start of treatment, coloured by state, with its events.

import { h, s, set } from "./dom.js";
import { BOX, chart, linear, multiples, px } from "./plot.js";

const PITCH = 5; // user units from bar to bar
const BAR = 3.4;

// Shapes tell the events apart, not colours alone.
const diamond = (x, y) => `M${px(x)},${px(y - 2.6)}l2.6,2.6l-2.6,2.6l-2.6,-2.6Z`;
const cross = (x, y) => `M${px(x - 2)},${px(y - 2)}l4,4m0,-4l-4,4`;

export function swimmer(last, time) {
  const X = linear(0, last, BOX.l, BOX.r);
  const bars = s("g");
  const rule = s("line", { class: "rx-rule", y1: 0 });
  const svg = chart({ viewBox: "0 0 320 10" }, bars, rule);
  const ticks = multiples(last > 24 ? 12 : 3, last);
  const axis = chart(
    { viewBox: "0 0 320 32", "aria-hidden": "true", role: null },
    s(
      "g",
      { class: "rx-axes" },
      ticks.map((x) => s("text", { x: px(X(x)), y: 12, "text-anchor": "middle" }, x)),
      s("text", { class: "rx-title", x: (BOX.l + BOX.r) / 2, y: 27, "text-anchor": "middle" }, time),
    ),
  );
  const bar = (from, to, y, state) =>
    s("rect", {
      class: `rx-state-${state}`,
      x: px(X(from)),
      y: px(y - BAR / 2),
      width: Math.max(0, px(X(Math.min(to, last)) - X(Math.min(from, last)))),
      height: BAR,
    });

  // The states are those of the shares: 0 in CR, 1 waiting, 2 failed.
  const course = (p, i) => {
    const y = PITCH * (i + 0.5) + 1;
    const parts = [];
    const turns = [
      [p.reached, 0],
      [p.failed, 2],
    ].filter(([month]) => month != null);
    let from = 0;
    let state = 1;
    for (const [month, next] of [...turns, [p.end, null]]) {
      parts.push(bar(from, month, y, state));
      from = month;
      state = next;
    }
    if (p.elsewhere != null && p.elsewhere <= last) parts.push(s("path", { class: "rx-elsewhere", d: diamond(X(p.elsewhere), y) }));
    if (p.end <= last && p.died) parts.push(s("path", { class: "rx-died", d: cross(X(p.end), y) }));
    return parts;
  };
  return {
    svg,
    axis,
    draw(patients) {
      const high = PITCH * patients.length + 2;
      bars.replaceChildren(...patients.flatMap(course));
      set(svg, {
        viewBox: `0 0 320 ${high}`,
        "aria-label": `${patients.length} bars, one for each patient; the table below has the same.`,
      });
      set(rule, { y2: high });
    },
    at(month) {
      const x = px(X(month));
      set(rule, { x1: x, x2: x });
    },
  };
}

const sample = (name, d) =>
  h("span", { class: "rx-shape" }, s("svg", { viewBox: "0 0 8 8", "aria-hidden": "true" }, s("path", { class: name, d })));

export const keyOfCourses = (states, words) =>
  h(
    "p",
    { class: "rx-legend" },
    [1, 0, 2].map((k) => h("span", { class: `rx-swatch rx-state-${k}` }, states[k])),
    h("span", {}, sample("rx-elsewhere", diamond(4, 4)), words.elsewhere_key),
    h("span", {}, sample("rx-died", cross(4, 4)), words.died_key),
  );
