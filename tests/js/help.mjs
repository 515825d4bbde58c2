// What the tests share: the values that Python has computed, and closeness of numbers.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

if (!process.env.REANALYSIS_REFERENCE)
  throw new Error("These tests need values from Python: run pytest tests/page/test_scripts.py");
export const reference = JSON.parse(readFileSync(process.env.REANALYSIS_REFERENCE, "utf8"));

export function near(got, expected, relative = 1e-9) {
  const apart = Math.abs(got - expected);
  assert.ok(apart <= relative * Math.max(1e-9, Math.abs(expected)), `${got} is not ${expected}`);
}
