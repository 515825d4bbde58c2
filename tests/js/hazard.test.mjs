import assert from "node:assert/strict";
import { test } from "node:test";

import { hazardRows, patientLink } from "../../reanalysis/page/widgets/js/hazard_files.js";
import {
  columns,
  design,
  evaluate,
  hazardRatio,
  patientKeys,
  predict,
  settingKeys,
} from "../../reanalysis/page/widgets/js/hazard_model.js";
import { caveats, describe, sentence, support } from "../../reanalysis/page/widgets/js/hazard_words.js";
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

test("caveats where the data end", () => {
  const all = new Set([...patientKeys(data), data.keys.bed]);
  const say = (values) => caveats(data, { ...data.typical, source: "paper", ...values }, all);
  assert.equal(say({}), "");
  assert.match(say({ tumor_size_cm: 9 }), /Extrapolation.*measured 0\.7 to 6\.9 cm/);
  assert.match(say({ tumor_size_cm: 6.9 }), /^Few data: fewer than 5 patients[^.]*6\.9 cm and a BED near 113 Gy\.$/);
  assert.doesNotMatch(say({ tumor_size_cm: 7, source: "cohort" }), /measured/);
  assert.match(say({ alpha_beta: 3 }), /with α\/β 10 Gy/);
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
