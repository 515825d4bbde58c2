// Scales and axes of a plot of survival over months.

import { axes, BOX, linear, multiples } from "./plot.js";

// `time` is the title of the time axis, `title` that of the other.
export function survivalPlot(end, time, title) {
  const X = linear(0, end, BOX.l, BOX.r);
  const Y = linear(0, 1, BOX.b, BOX.t);
  const months = multiples(12, end).map((t) => [X(t), t]);
  const shares = multiples(0.25, 1).map((p) => [Y(p), 100 * p]);
  return { X, Y, frame: axes(BOX, months, shares, time, `${title}, %`) };
}
