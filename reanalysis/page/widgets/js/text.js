// Numbers as text.

export const percent = (p) => `${Math.round(100 * p)} %`;

export function ratio(x) {
  if (x >= 1000) return "> 999";
  if (x < 0.001) return "< 0.001";
  return x >= 100 ? x.toFixed(0) : x >= 10 ? x.toFixed(1) : x >= 0.095 ? x.toFixed(2) : x.toPrecision(1);
}

export const list = (items) =>
  items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;

export const trim = (x, digits = 1) => String(Number(x.toFixed(digits)));

export const capital = (text) => text[0].toUpperCase() + text.slice(1);

// A setting with its unit. `digits` is how many decimals it always has; without, two at most.
export const measure = ({ digits, unit }, x) =>
  (digits == null ? trim(x, 2) : x.toFixed(digits)) + (unit ? ` ${unit}` : "");

// A share with its interval, in percent; none after the end of observation.
export const rate = (p, lower, upper) =>
  p == null || Number.isNaN(p)
    ? "not observed"
    : `${(100 * p).toFixed(1)} (${(100 * lower).toFixed(0)}–${(100 * upper).toFixed(0)})`;
