import assert from "node:assert/strict";
import { test } from "node:test";

import { clamp, linear, multiples, px } from "../../reanalysis/page/widgets/js/plot.js";
import { ofHundred } from "../../reanalysis/page/widgets/js/people.js";
import { ribbon, stepAt, steps } from "../../reanalysis/page/widgets/js/steps.js";
import { wrap } from "../../reanalysis/page/widgets/js/sheet.js";

test("scales", () => {
  const x = linear(10, 20, 100, 300);
  assert.deepEqual([10, 15, 20, 25].map(x), [100, 200, 300, 400]);
  assert.equal(linear(0, 1, 176, 22)(0.25), 137.5); // upwards
  assert.equal(linear(5, 5, 0, 100)(5), 50); // a range without width
  assert.deepEqual([-1, 0.5, 2].map((v) => clamp(v, 0, 1)), [0, 0.5, 1]);
  assert.equal(px(1.26), 1.3);
  assert.deepEqual(multiples(12, 30), [0, 12, 24]);
  assert.deepEqual(multiples(0.25, 1), [0, 0.25, 0.5, 0.75, 1]);
});

const same = (v) => v;
const times = [2, 4, 9];

test("a step function is right-continuous", () => {
  const values = [0.9, 0.5, 0.1];
  const read = [0, 1.99, 2, 3, 4, 8, 9, 99].map((t) => stepAt(times, values, t));
  assert.deepEqual(read, [1, 1, 0.9, 0.9, 0.5, 0.5, 0.1, 0.1]);
  assert.equal(stepAt([], [], 5, 0), 0);
});

test("a step path ends where it is told to", () => {
  assert.equal(steps(times, [3, 2, 1], 6, same, same, 9), "M0,9H2V3H4V2H6");
  assert.equal(steps(times, [3, 2, 1], 9, same, same, 9), "M0,9H2V3H4V2H9V1H9");
  assert.equal(steps([], [], 6, same, same, 9), "M0,9H6");
});

test("a ribbon comes back along its lower limit", () => {
  assert.equal(ribbon(times, [2, 1, 0], [4, 3, 2], 6, same, same, 9), "M0,9H2V4H4V3H6V1H4V2H2V9H0Z");
});

test("people add up to a hundred", () => {
  assert.deepEqual(ofHundred([115, 173, 14]), [38, 57, 5]);
  assert.deepEqual(ofHundred([1, 1, 1]), [34, 33, 33]);
  assert.deepEqual(ofHundred([0, 0, 7]), [0, 0, 100]);
});

test("lines are broken between words", () => {
  assert.deepEqual(wrap("aa bb cc", 5), ["aa bb", "cc"]);
  assert.deepEqual(wrap("", 5), [""]);
});
