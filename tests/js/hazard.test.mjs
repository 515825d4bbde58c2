import assert from "node:assert/strict";
import { test } from "node:test";

import { hazardRows, patientLink } from "../../reanalysis/page/widgets/js/hazard_files.js";
import {
  columns,
  design,
  effect,
  evaluate,
  hazardRatio,
  inOrder,
  patientKeys,
  predict,
  settingKeys,
} from "../../reanalysis/page/widgets/js/hazard_model.js";
import { spanOf } from "../../reanalysis/page/widgets/js/effect_chart.js";
import { regimenOf, scheduleFor } from "../../reanalysis/page/widgets/js/hazard_schedule.js";
import {
  bandsOverlap,
  caveats,
  describe,
  differenceSentence,
  reach,
  sentence,
  support,
} from "../../reanalysis/page/widgets/js/hazard_words.js";
import { bedOf } from "../../reanalysis/page/widgets/js/dose.js";
import { near, reference } from "./help.mjs";

const { data, cases, small } = reference;

test("ratios and curves of both sources are those of Python", () => {
  assert.ok(cases.length > 20);
  for (const { state, outcome, ratio, months, survival, lower, upper } of cases) {
    const m = data.models[state.source][outcome];
    const got = hazardRatio(m, state, state.reference);
    [got.hr, got.lower, got.upper].forEach((value, i) => near(value, ratio[i], 1e-7));
    const curve = predict(m, state);
    assert.deepEqual(curve.t, months);
    for (const [key, expected] of Object.entries({ survival, lower, upper }))
      curve[key].forEach((value, i) => near(value, expected[i], 1e-6));
  }
});

test("a ratio by hand", () => {
  // Two covariates, size per cm and a level; covariance 0.5 between them.
  const m = {
    terms: [
      ["size", null, Math.log(2), 3],
      ["stage", "B", Math.log(3), 0.25],
    ],
    cov: [
      [0.04, 0.01],
      [0.01, 0.09],
    ],
  };
  const a = { size: 5, stage: "B" };
  const b = { size: 4, stage: "A" };
  assert.deepEqual(design(m, a), [2, 0.75]);
  const { hr, lower, upper, parts } = hazardRatio(m, a, b);
  near(hr, 6);
  const half = 1.959963984540054 * Math.sqrt(0.04 + 0.09 + 2 * 0.01);
  near(lower, 6 * Math.exp(-half));
  near(upper, 6 * Math.exp(half));
  assert.deepEqual(parts.map(([name]) => name), ["size", "stage"]);
  parts.forEach(([, part], i) => near(part, [2, 3][i]));
  assert.deepEqual(hazardRatio(m, a, a), { hr: 1, lower: 1, upper: 1, parts: [] });
});

test("the BED of a model follows from the schedule", () => {
  const m = { terms: [["bed", null, -0.03, 100]], cov: [[0]] };
  assert.deepEqual(design(m, { total_dose_gy: 45, fractions: 3, alpha_beta: 10 }), [12.5]);
});

test("nothing is said after the end of observation", () => {
  const models = { one: { event: { ...small, end: 24 } } };
  const state = { size: 3, source: "one", reference: { size: 2 } };
  const [first, , last] = evaluate({ models, months: [12, 24, 36], outcomes: { event: {} } }, state).event
    .rates;
  assert.ok(first.patient.survival < 1);
  assert.ok(Number.isNaN(last.patient.survival) && Number.isNaN(last.reference.upper));
});

test("every covariate is a setting, or the BED", () => {
  const known = new Set([...patientKeys(data), data.keys.bed]);
  for (const models of Object.values(data.models))
    for (const column of columns(models)) assert.ok(known.has(column), column);
});

test("support is that of the cell, the upper edges included", () => {
  const density = { size: [0.5, 1, 1.5], bed: [60, 70, 80], level: [[0, 1], [2, 3]] };
  const at = (size, bed) => support(density, size, bed);
  assert.equal(at(0.7, 65), "none");
  assert.equal(at(0.7, 75), "few");
  assert.equal(at(1.2, 65), null);
  assert.equal(at(1, 70), null); // an edge belongs to the cell above
  assert.equal(at(1.5, 80), null); // and the last to the last
  assert.equal(at(1.6, 65), "none");
  assert.equal(at(0.7, 59.9), "none");
  assert.equal(at(1 - 1e-12, 65), null); // what binary fractions lose is no reason
  assert.equal(at(1.2, 70 - 1e-12), null);
  assert.equal(support({ ...density, bed: null, level: [[1], [3]] }, 0.7, 1e9), "few");
  assert.equal(support(null, 1, 1), null);
});

test("words about a patient, of what the models have", () => {
  const { state } = cases[0];
  const all = new Set([...patientKeys(data), data.keys.bed]);
  const one = { ...state, ...data.typical, prior_sessions: 1 };
  const text = describe(data, one, all);
  assert.equal(
    text,
    "2.0 cm, 45 Gy in 3 (BED 112.5 Gy), BCLC 0, Child-Pugh A, AFP ≤ 20 ng/mL, anyCR yes, 1 prior session",
  );
  assert.equal(describe(data, one, new Set(["tumor_size_cm"])), "2.0 cm");
  const r = { rates: [0.9, 0.8, NaN].map((p) => ({ patient: { survival: p }, reference: { survival: p } })) };
  assert.match(sentence(data, "death", r), /^Of 100 patients like this one, 90, 80 and – are expected to be alive/);
});

/** The largest tumour size, with the typical BED, near which there are some patients, but few. */
function rareSize() {
  const all = new Set([...patientKeys(data), data.keys.bed]);
  const sizes = Array.from({ length: 70 }, (_, i) => 7 - i / 10);
  const at = (size) => ({ ...data.typical, tumor_size_cm: size, source: "paper", reference: data.typical });
  return sizes.find((size) => reach(data, at(size), all) === "few");
}

test("caveats where the data end", () => {
  const all = new Set([...patientKeys(data), data.keys.bed]);
  const say = (values) =>
    caveats(data, { ...data.typical, reference: data.typical, source: "paper", ...values }, all);
  assert.equal(say({}), "");
  assert.match(say({ tumor_size_cm: 9 }), /Extrapolation.*measured 0\.7 to 6\.9 cm/);
  assert.match(
    say({ tumor_size_cm: rareSize() }),
    /^Few data: fewer than 5 patients[^.]*\d\.\d cm and a BED near 113 Gy\.$/,
  );
  assert.doesNotMatch(say({ tumor_size_cm: 7, source: "cohort" }), /measured/);
  assert.match(say({ alpha_beta: 8 }), /with α\/β 10 Gy/);
  assert.match(say({ total_dose_gy: 60, fractions: 4 }), /17 of 302 patients had a BED of 150 Gy or more/);
});

test("a link keeps both patients", () => {
  const { state } = cases.find(({ state }) => state.bclc_stage !== state.reference.bclc_stage);
  const link = patientLink(data);
  const flat = link.pack(state);
  assert.ok("ref.bclc_stage" in flat && !("reference" in flat));
  const other = { ...state, ...data.typical, reference: data.typical };
  assert.deepEqual(link.unpack(other, flat), pick(state, settingKeys(data)));
  assert.equal(Object.keys(link.pack(state, true)).length, 2 * patientKeys(data).length + 3);
  assert.ok(state.reference, "the state itself is left as it was");
});
const pick = (from, keys) => Object.fromEntries(keys.map((key) => [key, from[key]]));

test("rows of the file are of one length and have every number", () => {
  const { state } = cases[0];
  const rows = hazardRows(data, state);
  assert.deepEqual(new Set(rows.map((row) => row.length)), new Set([7]));
  for (const outcome of Object.keys(data.models[state.source])) {
    const [, , , , hr] = rows.find(([quantity, of]) => quantity === "hazard ratio" && of === outcome);
    near(hr, evaluate(data, state)[outcome].hr);
  }
});

test("the effect of one covariate is the ratio of patients who differ in it alone", () => {
  const { state, outcome } = cases[0];
  const m = data.models[state.source][outcome];
  const { size } = data.keys;
  const larger = { ...state, [size]: state[size] + 2.5 };
  const { hr, lower, upper } = hazardRatio(m, larger, state);
  const alone = effect(m, { [size]: 2.5 });
  [hr, lower, upper].forEach((value, i) => near([alone.hr, alone.lower, alone.upper][i], value));
  assert.deepEqual(effect(m, {}), { hr: 1, lower: 1, upper: 1 });
});

test("differences of survival are those of Python, and none where the ratio is 1", () => {
  for (const { state, outcome, differences } of cases) {
    const { rates } = evaluate(data, state)[outcome];
    rates.forEach(({ difference: d }, i) =>
      [d.value, d.lower, d.upper].forEach((value, k) => assert.ok(Math.abs(value - differences[i][k]) < 1e-6)),
    );
    const [same] = evaluate(data, { ...state, reference: state })[outcome].rates;
    assert.deepEqual(same.difference, { value: 0, lower: 0, upper: 0 });
  }
});

test("a difference in words", () => {
  const say = (value, lower, upper) =>
    differenceSentence(data, "local_failure", { month: 36, difference: { value, lower, upper } });
  assert.equal(
    say(-0.022, -0.045, 0.001),
    "2.2 more local failures among 100 such patients by 36 months than of the reference: \u22120.1 to 4.5 by the interval of the ratio.",
  );
  assert.match(say(0.01, 0.005, 0.02), /^1\.0 fewer local failure among/);
  assert.match(say(0, 0, 0), /^As many local failures among .*: 0\.0 to 0\.0 by/);
  assert.match(say(NaN, NaN, NaN), /nobody was under observation/);
});

test("bands overlap where the ratio excludes 1", () => {
  const rates = (a, b) => [{ month: 12, patient: { lower: a[0], upper: a[1] }, reference: { lower: b[0], upper: b[1] } }];
  const overlapping = rates([0.8, 0.9], [0.85, 0.95]);
  assert.ok(bandsOverlap({ lower: 1.1, upper: 2, rates: overlapping }, 12));
  assert.ok(!bandsOverlap({ lower: 0.9, upper: 2, rates: overlapping }, 12));
  assert.ok(!bandsOverlap({ lower: 1.1, upper: 2, rates: rates([0.7, 0.8], [0.85, 0.95]) }, 12));
});

test("a BED near a regimen is the regimen, any other keeps the fractions", () => {
  const patient = { ...data.typical, fractions: 4 };
  assert.deepEqual(scheduleFor(data, patient, 80, 1.25), { total_dose_gy: 36, fractions: 3, alpha_beta: 10 });
  const other = scheduleFor(data, patient, 130, 1.25);
  assert.deepEqual(Object.keys(other), ["total_dose_gy"]);
  near(bedOf({ ...patient, ...other }), 130);
  // Every step of the slider near a regimen is one: no two regimens share a step.
  const [low] = data.bed;
  const steps = data.regimens.map(([dose, n]) =>
    Math.round((bedOf({ total_dose_gy: dose, fractions: n, alpha_beta: 10 }) - low) / data.bed_step),
  );
  assert.equal(new Set(steps).size, data.regimens.length);
  assert.deepEqual(regimenOf(data, data.typical), [45, 3]);
  assert.equal(regimenOf(data, { ...data.typical, alpha_beta: 3 }), undefined);
});

test("far from the data there is no answer", () => {
  const all = new Set([...patientKeys(data), data.keys.bed]);
  const at = (values, reference = data.typical) => ({ ...data.typical, source: "paper", ...values, reference });
  const far = at({ total_dose_gy: 80, fractions: 1 });
  assert.equal(reach(data, at({}), all), null);
  assert.equal(reach(data, at({ tumor_size_cm: rareSize() }), all), "few");
  assert.equal(reach(data, far, all), "beyond");
  assert.equal(reach(data, at({}, far), all), "beyond"); // the reference counts, too
  assert.equal(reach(data, far, new Set([data.keys.size])), "none");
  assert.match(caveats(data, far, all), /^Withheld: no patient of this cohort had a BED near 720 Gy\. .*67\.5 to 187\.5 Gy\.$/);
});

test("the axis of the ratios holds the line from the reference to either end", () => {
  const m = { terms: [["tumor_size_cm", null, Math.log(2), 0]] };
  const span = (size) => spanOf({ ...data, size: [1, 6] }, m, ["tumor_size_cm"], { tumor_size_cm: size });
  assert.equal(span(2), 16);
  assert.equal(span(5), 16);
  assert.equal(spanOf(data, { terms: [] }, [], {}), 4);
});

test("the order is that of Python, however a page has sorted the keys", () => {
  const sent = { order: { outcomes: ["b", "a"] }, outcomes: { a: 1, b: 2 }, other: 3 };
  assert.deepEqual(Object.keys(inOrder(sent).outcomes), ["b", "a"]);
  assert.equal(inOrder(sent).other, 3);
});
