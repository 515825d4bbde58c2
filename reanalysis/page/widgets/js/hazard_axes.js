// What the explorer draws against: size, BED, and hazard ratios on a log scale.

import { bedOf } from "./dose.js";

const SIZES = [1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 25];

// The value of a patient, the range, the ticks and the title of the axis of the size or of the BED.
export function axisOf(data, key) {
  if (key === data.keys.bed) {
    const [low, high] = data.bed;
    const ticks = Array.from({ length: 30 }, (_, i) => 20 * i).filter((y) => y >= low && y <= high);
    return { range: data.bed, ticks, title: "BED, Gy", of: bedOf };
  }
  const { label, unit } = data.numbers[key];
  const [, high] = data.size;
  const ticks = SIZES.filter((x) => x <= high && (high < 9 || x > 6 || x % 2 === 0));
  return { range: data.size, ticks, title: `${label}, ${unit}`, of: (patient) => patient[key] };
}

// A ratio that is a power of two, as a fraction where it is below one.
export const fraction = (value) => (value >= 1 ? String(value) : `1/${1 / value}`);
