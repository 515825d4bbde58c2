import assert from "node:assert/strict";
import { test } from "node:test";

import { fromHash, inRange, toHash } from "../../reanalysis/page/widgets/js/link.js";

const known = { size: 2, fractions: 3, stage: "A" };
const specs = { size: { range: [0.5, 7], step: 0.1 }, fractions: { range: [1, 10], step: 1 } };
const valid = (key, value) => (key in specs ? inRange(specs[key], value) : ["A", "B"].includes(value));
const read = (hash) => fromHash("widget", hash, known, valid);

test("settings come back from their link", () => {
  const values = { size: 3.4, fractions: 5, stage: "B" };
  assert.deepEqual(read(toHash("widget", values)), values);
  const odd = { stage: "<=20 & more=#?" };
  assert.deepEqual(fromHash("w", toHash("w", odd), { stage: "" }, () => true), odd);
});

test("a hash of another widget, or none, is not read", () => {
  for (const hash of ["", "#", "#widget", "#widget2?size=3", "#section-1", "#other?size=3"])
    assert.equal(read(hash), null);
});

test("what is no valid setting is left out", () => {
  for (const query of [
    "size=1e9",
    "size=NaN",
    "size=",
    "size=Infinity",
    "size=-0.1",
    "size=<script>",
    "fractions=2.5",
    "fractions=0",
    "stage=Z",
    "stage=__proto__",
    "__proto__=1",
    "constructor=1",
    "toString=x",
    "unknown=1",
    "%E0%A4%A=1",
  ])
    assert.deepEqual(read(`#widget?${query}`), {}, query);
});

test("what is valid beside it is kept", () => {
  assert.deepEqual(read("#widget?size=99&stage=B&x=1&fractions=4"), { stage: "B", fractions: 4 });
});

test("no prototype is touched", () => {
  read("#widget?__proto__=1&__proto__.polluted=1&constructor.prototype.polluted=1");
  assert.equal({}.polluted, undefined);
});

test("a number is within its range, and whole where its steps are", () => {
  assert.deepEqual([0.5, 7, 7.01, 0.4].map((x) => inRange(specs.size, x)), [true, true, false, false]);
  assert.deepEqual([1, 10, 2.5, 11].map((x) => inRange(specs.fractions, x)), [true, true, false, false]);
  assert.equal(inRange(specs.size, NaN), false);
});
