import assert from "node:assert/strict";
import { test } from "node:test";

import { capital, list, measure, percent, rate, ratio, trim } from "../../reanalysis/page/widgets/js/text.js";

test("a ratio has as many digits as it deserves", () => {
  const shown = [0.0001, 0.00999, 0.0951, 0.5, 9.994, 9.996, 12.34, 123.4, 999.4, 1000].map(ratio);
  const expected = ["< 0.001", "0.01", "0.10", "0.50", "9.99", "10.00", "12.3", "123", "999", "> 999"];
  assert.deepEqual(shown, expected);
});

test("decimals that say nothing are trimmed", () => {
  assert.deepEqual([112.5, 112.0, 0.049, 79.2].map((x) => trim(x)), ["112.5", "112", "0", "79.2"]);
  assert.equal(trim(7.125, 2), "7.13");
  assert.equal(trim(45, 0), "45");
});

test("a setting has its unit, and as many decimals as it always has", () => {
  assert.equal(measure({ digits: 1, unit: "cm" }, 3), "3.0 cm");
  assert.equal(measure({ unit: "Gy" }, 45.5), "45.5 Gy");
  assert.equal(measure({ unit: "Gy" }, 45.25), "45.25 Gy");
  assert.equal(measure({ unit: "" }, 3), "3");
  assert.equal(measure({ digits: 0, unit: "years" }, 65), "65 years");
});

test("what was not observed is called so", () => {
  assert.equal(rate(0.7268, 0.6712, 0.7822), "72.7 (67–78)");
  assert.equal(rate(NaN, NaN, NaN), "not observed");
  assert.equal(rate(null, null, null), "not observed");
});

test("words", () => {
  assert.deepEqual([["12"], ["12", "24"], ["12", "24", "36"], []].map(list), [
    "12",
    "12 and 24",
    "12, 24 and 36",
    "",
  ]);
  assert.equal(capital("local failure"), "Local failure");
  assert.equal(percent(0.846), "85 %");
});
