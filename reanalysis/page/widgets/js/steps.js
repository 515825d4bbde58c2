// Right-continuous step functions, as survival curves are: reading and drawing them.

import { px } from "./plot.js";

// Value of a step function at t: the last step at or before it.
export function stepAt(times, values, t, start = 1) {
  let lo = 0;
  let hi = times.length;
  while (lo < hi) {
    const mid = (lo + hi) >> 1;
    if (times[mid] <= t) lo = mid + 1;
    else hi = mid;
  }
  return lo ? values[lo - 1] : start;
}

// A step function as a path, and the area between two of them.
export function steps(times, values, end, X, Y, start = 1) {
  let d = `M${px(X(0))},${px(Y(start))}`;
  for (let i = 0; i < times.length && times[i] <= end; i++) d += `H${px(X(times[i]))}V${px(Y(values[i]))}`;
  return `${d}H${px(X(end))}`;
}
export function ribbon(times, lower, upper, end, X, Y, start = 1) {
  // There along the upper limit, back along the lower
  let d = steps(times, upper, end, X, Y, start);
  let i = times.length - 1;
  while (i >= 0 && times[i] > end) i--;
  for (; i >= 0; i--) d += `V${px(Y(lower[i]))}H${px(X(times[i]))}`;
  return `${d}V${px(Y(start))}H${px(X(0))}Z`;
}
