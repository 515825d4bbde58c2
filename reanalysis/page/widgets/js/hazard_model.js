// The Cox models of the explorer: hazard ratios and predicted curves from what Python has sent.
// `data.models` by source and outcome: terms [column, level or null, coefficient, centre],
// covariance, and the baseline at the event times (see prediction.py for the formulas).

import { bedOf } from "./dose.js";
import { stepAt } from "./steps.js";

// 97.5th percentile of the standard normal distribution
const Z = 1.959963984540054;
export const BAND = ["survival", "lower", "upper"];

// What Python has sent, in the order in which it is shown: a stored page sorts the keys of objects.
export const inOrder = (data) => ({
  ...data,
  ...Object.fromEntries(
    Object.entries(data.order).map(([part, keys]) => [
      part,
      Object.fromEntries(keys.map((key) => [key, data[part][key]])),
    ]),
  ),
});

// What describes a patient, and every setting.
export const patientKeys = (data) => [...Object.keys(data.numbers), ...Object.keys(data.levels)];
export const settingKeys = (data) => [...patientKeys(data), "source", "outcome", "month", "reference"];

// The columns that the models of one source have.
export const columns = (models) =>
  new Set(Object.values(models).flatMap((m) => m.terms.map(([column]) => column)));
export const has = (m, column) => m.terms.some((term) => term[0] === column);

// The patient in the coding of a model: each covariate as its distance from the model's centre.
// The one number that is no setting of a patient is the BED, which follows from the schedule.
export function design(m, patient) {
  const value = (name, level) => {
    if (level !== null) return patient[name] === level ? 1 : 0;
    return name in patient ? patient[name] : bedOf(patient);
  };
  return m.terms.map(([name, level, , centre]) => value(name, level) - centre);
}
export const dot = (m, x) => m.terms.reduce((sum, term, i) => sum + term[2] * x[i], 0);

// x' V x, the variance of a linear combination of the coefficients.
function quadratic(cov, x) {
  let sum = 0;
  for (let i = 0; i < x.length; i++) for (let j = 0; j < x.length; j++) sum += x[i] * cov[i][j] * x[j];
  return sum;
}

// The hazard ratio of covariates that differ by `x`, with its 95 % limits (Wald).
function wald(m, x) {
  const log = dot(m, x);
  const half = Z * Math.sqrt(Math.max(0, quadratic(m.cov, x)));
  return { hr: Math.exp(log), lower: Math.exp(log - half), upper: Math.exp(log + half) };
}

export function hazardRatio(m, patient, reference) {
  const a = design(m, patient);
  const b = design(m, reference);
  const x = a.map((value, i) => value - b[i]);
  return {
    ...wald(m, x),
    parts: m.terms.map((term, i) => [term[0], Math.exp(term[2] * x[i])]).filter(([, part]) => part !== 1),
  };
}

// The same for some covariates alone, by how much they differ, all else equal.
export const effect = (m, differences) => wald(m, m.terms.map(([name]) => differences[name] ?? 0));

// Predicted survival with its pointwise 95 % band at each event time, as R's
// survfit(coxph(...), newdata) has it: the cumulative hazard H at the centre, the sum V for the
// uncertainty of the baseline, and q = x H - Q, through which that of the coefficients enters.
export function predict(m, patient) {
  const x = design(m, patient);
  const risk = Math.exp(dot(m, x));
  const [survival, lower, upper, q] = [[], [], [], []];
  m.H.forEach((baseline, k) => {
    for (let i = 0; i < x.length; i++) q[i] = x[i] * baseline - (m.Q ? m.Q[i][k] : 0);
    const se = risk * Math.sqrt((m.V ? m.V[k] : 0) + quadratic(m.cov, q));
    const hazard = risk * baseline;
    survival[k] = Math.exp(-hazard);
    if (m.ci === "log") {
      lower[k] = Math.exp(-hazard - Z * se);
      upper[k] = Math.min(1, Math.exp(-hazard + Z * se));
    } else {
      lower[k] = Math.exp(-hazard * Math.exp((Z * se) / hazard));
      upper[k] = Math.exp(-hazard * Math.exp((-Z * se) / hazard));
    }
  });
  return { t: m.t, survival, lower, upper };
}

// The reference stays while this patient moves: its curves are kept until it is another object.
const kept = new WeakMap();
function predictReference(m, reference) {
  if (kept.get(m)?.reference !== reference) kept.set(m, { reference, curve: predict(m, reference) });
  return kept.get(m).curve;
}

// What a curve says at a month; nothing beyond the last month under observation.
function at(m, curve, month) {
  const seen = month <= m.end;
  return Object.fromEntries(BAND.map((key) => [key, seen ? stepAt(curve.t, curve[key], month) : NaN]));
}

// How much more survival this patient has than the reference, and its limits by those of the ratio:
// the reference's survival, taken as it is predicted, to the power of each (Altman & Andersen 1999).
const difference = ({ lower, upper }, patient, reference) => ({
  value: patient - reference,
  lower: reference ** upper - reference,
  upper: reference ** lower - reference,
});

// Every number that the widget shows, for both outcomes.
export function evaluate(data, state) {
  const result = {};
  for (const outcome of Object.keys(data.outcomes)) {
    const m = data.models[state.source][outcome];
    if (!m) continue;
    const patient = predict(m, state);
    const reference = predictReference(m, state.reference);
    const compared = hazardRatio(m, state, state.reference);
    const rates = data.months.map((month) => {
      const both = { patient: at(m, patient, month), reference: at(m, reference, month) };
      const apart = difference(compared, both.patient.survival, both.reference.survival);
      return { month, ...both, difference: apart };
    });
    result[outcome] = { ...compared, patient, reference, rates };
  }
  return result;
}
