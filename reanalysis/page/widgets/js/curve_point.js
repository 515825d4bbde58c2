// A point on a step curve, moved by a slider or by a click.

import { slider } from "./controls.js";
import { div, h, s, set } from "./dom.js";
import { axes, BOX, chart, clamp, linear, multiples, px } from "./plot.js";
import { stepAt, steps } from "./steps.js";
import { trim } from "./text.js";

const LONGEST = 60; // months

// The end of the axis: whole periods of the ticks.
const endOf = (times) => {
  const last = Math.min(times.at(-1), LONGEST);
  const tick = last > 24 ? 12 : 3;
  return [Math.ceil(last / tick) * tick, tick];
};
export const startOf = (values) => (values[0] > values.at(-1) ? 100 : 0);

export function curvePoint({ curve, axis, unit, within }, time) {
  const { times, values } = curve;
  const [end, tick] = endOf(times);
  const start = startOf(values);
  const X = linear(0, end, BOX.l, BOX.r);
  const Y = linear(0, 100, BOX.b, BOX.t);
  const dot = s("circle", { class: "rx-dot-b", r: 5 });
  const rule = s("line", { class: "rx-rule", y1: BOX.t, y2: BOX.b });
  const level = s("line", { class: "rx-rule", x1: BOX.l });
  const svg = chart(
    { class: "rx-map", "aria-label": `${axis}: a step curve from ${start} to ${trim(values.at(-1))}` },
    axes(
      BOX,
      multiples(tick, end).map((x) => [X(x), x]),
      multiples(25, 100).map((y) => [Y(y), y]),
      time,
      axis,
    ),
    s("path", { class: "rx-line-a", d: steps(times, values, end, X, Y, start) }),
    rule,
    level,
    dot,
  );
  const height = (month) => stepAt(times, values, month, start);
  const spec = {
    label: "Your point",
    range: [0, end],
    step: 0.1,
    text: (month) => `${trim(month)} ${unit}, ${trim(height(month), 0)} %`,
  };
  let chosen = 0;
  const control = slider(spec, (month) => move(month));
  function move(month) {
    chosen = month;
    control.set(month);
    const [x, y] = [px(X(month)), px(Y(height(month)))];
    set(rule, { x1: x, x2: x });
    set(level, { x2: x, y1: y, y2: y });
    set(dot, { cx: x, cy: y });
  }
  svg.addEventListener("click", (event) => {
    const { left, width } = svg.getBoundingClientRect();
    const x = ((event.clientX - left) / width) * 320;
    move(clamp(Math.round(linear(BOX.l, BOX.r, 0, end)(x) * 10) / 10, 0, end));
  });
  move(0);
  return { el: div("rx-point", svg, control.el, h("small", { class: "rx-note" }, within)), read: () => chosen };
}
