// What the cut-point explorer says of its two groups.

import { ratio } from "./text.js";

export const ratioText = ({ hr: [value, lower, upper] }) =>
  value === null ? "not estimable" : `${ratio(value)} (95 % CI ${ratio(lower)} to ${ratio(upper)})`;

// The difference of two independent rates, its limits from theirs (MOVER; Zou & Donner 2008).
export function rateDifference([low, lowLower, lowUpper], [high, highLower, highUpper]) {
  const value = high - low;
  return [
    value,
    value - Math.hypot(high - highLower, lowUpper - low),
    value + Math.hypot(highUpper - high, low - lowLower),
  ];
}

export function differenceText(data, c) {
  if (c.rate.some(([value, lower]) => value === null || lower === null)) return "";
  const [value, ...limits] = rateDifference(...c.rate).map((x) => (100 * x).toFixed(1).replace("-", "−"));
  return `${data.title} at ${data.month} months, above less up to it: ${value} points (95 % CI ${limits.join(" to ")})`;
}
