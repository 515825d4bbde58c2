// What a reader can take along from the explorer: its settings, its numbers, the words on its figure.

import { bedOf } from "./dose.js";
import { BAND, columns, evaluate, patientKeys, settingKeys } from "./hazard_model.js";
import { describe } from "./hazard_words.js";
import { ratio } from "./text.js";

// Settings as flat values for a link, and back. Of the reference only what differs from this
// patient, in a link; everything, where `whole` asks which settings there are.
export const patientLink = (data) => ({
  pack({ reference, ...flat }, whole) {
    for (const key of patientKeys(data))
      if (whole || reference[key] !== flat[key]) flat[`ref.${key}`] = reference[key];
    return flat;
  },
  unpack(state, found) {
    const values = Object.fromEntries(settingKeys(data).map((key) => [key, found[key] ?? state[key]]));
    const reference = patientKeys(data).map((key) => [key, found[`ref.${key}`] ?? values[key]]);
    return { ...values, reference: Object.fromEntries(reference) };
  },
});

export function hazardRows(data, state) {
  const rows = [["quantity", "outcome", "patient", "month", "estimate", "lower_95", "upper_95"]];
  for (const [who, p] of Object.entries({ this: state, reference: state.reference })) {
    for (const key of patientKeys(data)) rows.push([`setting: ${key}`, "", who, "", p[key], "", ""]);
    rows.push(["setting: bed_gy", "", who, "", bedOf(p), "", ""]);
  }
  rows.push(["setting: source", "", "", "", state.source, "", ""]);
  for (const [outcome, r] of Object.entries(evaluate(data, state))) {
    rows.push(["hazard ratio", outcome, "this against reference", "", r.hr, r.lower, r.upper]);
    for (const { month, difference: d } of r.rates)
      rows.push(["difference in event-free at month", outcome, "this less reference", month, d.value, d.lower, d.upper]);
    for (const [who, key] of Object.entries({ this: "patient", reference: "reference" })) {
      for (const { month, [key]: at } of r.rates)
        rows.push(["event-free at month", outcome, who, month, ...BAND.map((name) => at[name])]);
      r[key].t.forEach((t, i) =>
        rows.push(["event-free, step of the curve", outcome, who, t, ...BAND.map((name) => r[key][name][i])]),
      );
    }
  }
  return rows;
}

export function hazardWords(data, state) {
  const used = columns(data.models[state.source]);
  return [
    `This patient (solid): ${describe(data, state, used)}`,
    `Reference (dashed): ${describe(data, state.reference, used)}`,
    ...Object.entries(evaluate(data, state)).map(
      ([key, r]) =>
        `Hazard ratio of ${data.outcomes[key].event} ${ratio(r.hr)} (95 % CI ${ratio(r.lower)} to ${ratio(r.upper)})`,
    ),
    `Source: ${data.sources.find(({ key }) => key === state.source).label}. ${data.caution}`,
  ];
}
