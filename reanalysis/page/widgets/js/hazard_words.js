// What the explorer says of two patients, and where it warns.

import { SCHEDULE, bedOf } from "./dose.js";
import { list, measure, trim } from "./text.js";

export const hundred = (p) => (Number.isNaN(p) ? "–" : String(Math.round(100 * p)));

export function sentence(data, outcome, r) {
  const of = (who) => list(r.rates.map((rate) => hundred(rate[who].survival)));
  return `Of 100 patients like this one, ${of("patient")} are expected to be ${data.outcomes[outcome].free} at ${list(data.months.map(String))} months; of 100 like the reference, ${of("reference")}.`;
}

// The same difference in events among a hundred, and its interval.
export function differenceSentence(data, outcome, { month, difference: { value, lower, upper } }) {
  const { event, events } = data.outcomes[outcome];
  if (Number.isNaN(value)) return `At ${month} months nobody was under observation.`;
  const among = `among 100 such patients by ${month} months`;
  const more = -100 * value;
  const [from, to] = [-100 * upper, -100 * lower].map((x) => x.toFixed(1).replace(/^-(?=0\.0$)/, "").replace("-", "−"));
  const count = Math.abs(more).toFixed(1);
  if (count === "0.0") return `As many ${events} ${among} as of the reference: ${from} to ${to} by the interval of the ratio.`;
  const [kind, which] = [more > 0 ? "more" : "fewer", count === "1.0" ? event : events];
  return `${count} ${kind} ${which} ${among} than of the reference: ${from} to ${to} by the interval of the ratio.`;
}

// Whether bands overlap at a month although the ratio's interval excludes 1.
export function bandsOverlap(r, month) {
  const { patient, reference } = r.rates.find((row) => row.month === month);
  const apart = r.lower > 1 || r.upper < 1;
  return apart && patient.lower <= reference.upper && reference.lower <= patient.upper;
}

// A patient, by what the models in use have: size, dose, levels, and numbers that are counted.
export function describe(data, p, used) {
  const { size, bed } = data.keys;
  const words = [];
  if (used.has(size)) words.push(measure(data.numbers[size], p[size]));
  if (used.has(bed))
    words.push(`${trim(p.total_dose_gy, 2)} Gy in ${p.fractions} (BED ${trim(bedOf(p))} Gy)`);
  for (const [key, { options }] of Object.entries(data.levels)) {
    if (!used.has(key)) continue;
    const [, text = p[key]] = options.find(([level]) => level === p[key]) ?? [];
    words.push(`${data.short[key]} ${text.replace(/^(Yes|No)$/, (word) => word.toLowerCase())}`);
  }
  for (const key of counted(data))
    if (used.has(key)) words.push(`${p[key]} ${data.numbers[key].counted[p[key] === 1 ? 0 : 1]}`);
  return words.join(", ");
}

// The numbers that are neither the size nor part of the schedule.
export const counted = (data) =>
  Object.keys(data.numbers).filter((key) => key !== data.keys.size && !SCHEDULE.includes(key));

// Where the cohort has patients near this size and BED: null, "few" or "none".
export function support(density, size, value) {
  if (!density) return null;
  const bin = (edges, x) =>
    x === edges.at(-1) ? edges.length - 2 : edges.findIndex((edge, i) => x >= edge && x < edges[i + 1]);
  const i = bin(density.size, Math.round(size * 1e6) / 1e6);
  const j = density.bed ? bin(density.bed, Math.round(value * 1e6) / 1e6) : 0;
  const level = i < 0 || j < 0 ? 0 : density.level[i][j];
  return level === 0 ? "none" : level === 1 ? "few" : null;
}

// How far the data reach: null, "few", "none", or "beyond", where there is no answer.
export function reach(data, state, used) {
  const { size, bed } = data.keys;
  if (used.has(bed) && [state, state.reference].some((one) => outside(data, one))) return "beyond";
  return used.has(size) ? support(data.density, state[size], bedOf(state)) : null;
}

function outside(data, patient) {
  const value = bedOf(patient);
  const [low, high] = data.bed;
  return value < low - 1e-9 || value > high + 1e-9;
}

// Why there is no answer.
export function withheld(data, state) {
  const far = [state, state.reference].find((one) => outside(data, one));
  const [low, high] = data.bed;
  return `Withheld: ${data.nobody} of this cohort had a BED near ${trim(bedOf(far), 0)} Gy. The explorer answers from ${trim(low)} to ${trim(high)} Gy.`;
}

// Where the reader leaves what the data can carry.
export function caveats(data, state, used) {
  const { size, bed } = data.keys;
  const value = bedOf(state);
  const notes = [];
  const near = reach(data, state, used);
  if (near === "beyond") return withheld(data, state);
  const where = [
    `${data.noun} near ${measure(data.numbers[size], state[size])}`,
    ...(data.density?.bed && used.has(bed) ? [`a BED near ${trim(value, 0)} Gy`] : []),
  ].join(" and ");
  if (near === "none") notes.push(`Extrapolation: ${data.nobody} of this cohort had ${where}.`);
  if (near === "few")
    notes.push(`Few data: fewer than ${data.classes[0]} patients of this cohort had ${where}.`);
  if (used.has(bed) && data.high && value >= data.high[0] - data.cell[1])
    notes.push(`${data.high[1]} of ${data.n} patients had a BED of ${data.high[0]} Gy or more.`);
  if (used.has(bed) && state.alpha_beta !== data.alpha_beta)
    notes.push(
      `The hazard ratios are per Gy of BED with α/β ${data.alpha_beta} Gy; with another α/β the scale is one that they were not estimated on.`,
    );
  const { largest, beyond } = data.sources.find(({ key }) => key === state.source);
  if (largest && state[size] > largest) notes.push(beyond);
  return notes.join(" ");
}
