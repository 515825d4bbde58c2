import assert from "node:assert/strict";
import { test } from "node:test";

import { bed, bedOf, doseForBed, eqd2 } from "../../reanalysis/page/widgets/js/dose.js";
import { near, reference } from "./help.mjs";

test("BED and EQD2 are those of Python", () => {
  assert.ok(reference.schedules.length > 10);
  for (const { dose, fractions, alpha_beta: ab, bed: expected, eqd2: effect } of reference.schedules) {
    near(bed(dose, fractions, ab), expected);
    near(eqd2(dose, fractions, ab), effect);
    near(bedOf({ total_dose_gy: dose, fractions, alpha_beta: ab }), expected);
  }
});

test("known schedules", () => {
  // Fowler 1989: 45 Gy in 3 at 10 Gy is 112.5 Gy; 2 Gy fractions are their own EQD2.
  assert.equal(bed(45, 3, 10), 112.5);
  near(eqd2(60, 30, 3), 60);
});

test("a dose comes back from its BED", () => {
  for (const [dose, n, ab] of [
    [45, 3, 10],
    [36, 3, 3],
    [62.5, 7, 4.5],
  ])
    near(doseForBed(bed(dose, n, ab), n, ab), dose);
});
