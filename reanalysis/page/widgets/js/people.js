// Ten by ten people, for shares of a hundred.

import { s } from "./dom.js";

// A person, 10 by 14 units.
const PERSON =
  "M5 0a2.3 2.3 0 1 1 0 4.6a2.3 2.3 0 0 1 0-4.6M2.8 5.2h4.4a1.6 1.6 0 0 1 1.6 1.6v3.4h-1.5v3.6H2.7v-3.6H1.2V6.8a1.6 1.6 0 0 1 1.6-1.6Z";

export const tenByTen = (left) =>
  Array.from({ length: 100 }, (_, i) =>
    s("path", {
      d: PERSON,
      transform: `translate(${left + 13.6 * (i % 10)},${24 + 18 * Math.floor(i / 10)})`,
    }),
  );

// Counts as whole people that add up to 100: the largest remainders are rounded up.
export function ofHundred(counts) {
  const total = counts.reduce((sum, count) => sum + count);
  const exact = counts.map((count) => (100 * count) / total);
  const whole = exact.map(Math.floor);
  const order = [...counts.keys()].sort((a, b) => exact[b] - whole[b] - exact[a] + whole[a]);
  let rest = 100 - whole.reduce((sum, count) => sum + count);
  for (let k = 0; rest > 0; k++, rest--) whole[order[k]]++;
  return whole;
}
