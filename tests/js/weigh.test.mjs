import assert from "node:assert/strict";
import { test } from "node:test";

import { weigh } from "../../reanalysis/page/widgets/js/weigh.js";

test("what is prevented and what is harmed, by hand", () => {
  const found = weigh(40, 10, 70, 5);
  assert.deepEqual(found, { treated: 40, vain: 30, prevented: 7, harmed: 2, each: 2 / 7 });
});

test("nothing prevented has no ratio", () => {
  assert.equal(weigh(40, 10, 0, 5).each, null);
  assert.equal(weigh(40, 0, 70, 5).each, null);
});
