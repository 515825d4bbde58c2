// Scales, axes and the frame of a chart.

import { s } from "./dom.js";

// A range without width, as of one cut-point alone, stands in the middle.
export const linear = (d0, d1, r0, r1) => (x) => r0 + (d1 === d0 ? 0.5 : (x - d0) / (d1 - d0)) * (r1 - r0);
export const clamp = (x, lo, hi) => Math.min(hi, Math.max(lo, x));
export const px = (x) => Math.round(x * 10) / 10;
export const multiples = (step, end) => Array.from({ length: Math.floor(end / step) + 1 }, (_, i) => step * i);

// The plot within a chart, in user units.
export const BOX = { l: 34, r: 312, t: 22, b: 176 };

export const HEIGHT = 212;

export const chart = (attributes, ...children) =>
  s("svg", { viewBox: `0 0 320 ${HEIGHT}`, role: "img", ...attributes }, children);

// Axes of a plot: ticks are [position, text] pairs.
export function axes(box, xTicks, yTicks, xLabel, yLabel, grid = true) {
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
    s("text", { class: "rx-title", x: box.l - 6, y: box.t - 9, "text-anchor": "start" }, yLabel),
  );
}
