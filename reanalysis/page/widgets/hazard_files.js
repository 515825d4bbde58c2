// What a reader can take along from the explorer: its settings, its numbers, the words on its figure.

// Settings as flat values for a link. Of the reference only what differs from this patient, in a
// link; everything, where `whole` asks which settings there are.
function packPatients(state, whole = false) {
  const { reference, ...flat } = state;
  for (const key of PATIENT)
    if (whole || reference[key] !== state[key]) flat[`ref.${key}`] = reference[key];
  return flat;
}
function unpackPatients(state, found) {
  const values = Object.fromEntries(SETTINGS.map((key) => [key, found[key] ?? state[key]]));
  return {
    ...values,
    reference: Object.fromEntries(PATIENT.map((key) => [key, found[`ref.${key}`] ?? values[key]])),
  };
}

function hazardRows(data, state) {
  const rows = [["quantity", "outcome", "patient", "month", "estimate", "lower_95", "upper_95"]];
  for (const [who, p] of [
    ["this", state],
    ["reference", state.reference],
  ]) {
    for (const key of PATIENT) rows.push([`setting: ${key}`, "", who, "", p[key], "", ""]);
    rows.push(["setting: bed_gy", "", who, "", bedOf(p), "", ""]);
  }
  rows.push(["setting: source", "", "", "", state.source, "", ""]);
  for (const [outcome, r] of Object.entries(evaluate(data, state))) {
    rows.push(["hazard ratio", outcome, "this against reference", "", r.hr, r.lower, r.upper]);
    for (const [who, key] of [
      ["this", "patient"],
      ["reference", "reference"],
    ]) {
      for (const rate of r.rates)
        rows.push([
          "event-free at month",
          outcome,
          who,
          rate.month,
          ...["survival", "lower", "upper"].map((name) => rate[key][name]),
        ]);
      r[key].t.forEach((t, i) =>
        rows.push([
          "event-free, step of the curve",
          outcome,
          who,
          t,
          ...["survival", "lower", "upper"].map((name) => r[key][name][i]),
        ]),
      );
    }
  }
  return rows;
}

function hazardWords(data, state) {
  const used = new Set(
    Object.values(data.models[state.source]).flatMap((m) => m.terms.map((term) => term[0])),
  );
  return [
    `This patient (solid): ${describe(data, state, used)}`,
    `Reference (dashed): ${describe(data, state.reference, used)}`,
    ...Object.entries(evaluate(data, state)).map(
      ([key, r]) =>
        `Hazard ratio of ${OUTCOMES[key].event} ${ratio(r.hr)} (95 % CI ${ratio(r.lower)} to ${ratio(r.upper)})`,
    ),
    `Source: ${data.sources.find(({ key }) => key === state.source).label}. ${data.caution}`,
  ];
}
