import assert from "node:assert/strict";
import { test } from "node:test";

import { rateDifference, ratioText } from "../../reanalysis/page/widgets/js/cutpoint_words.js";
import { near } from "./help.mjs";

test("the interval of a difference of rates, by hand", () => {
  // MOVER: the distances of the limits nearest to each other, and furthest, in quadrature.
  const [value, lower, upper] = rateDifference([0.9, 0.8, 0.94], [0.7, 0.67, 0.74]);
  near(value, -0.2);
  near(lower, -0.2 - Math.hypot(0.03, 0.04));
  near(upper, -0.2 + Math.hypot(0.04, 0.1));
});

test("a ratio in words", () => {
  assert.equal(ratioText({ hr: [3.094, 1.33, 7.17] }), "3.09 (95 % CI 1.33 to 7.17)");
  assert.equal(ratioText({ hr: [null, null, null] }), "not estimable");
});
