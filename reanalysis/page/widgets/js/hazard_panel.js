// The controls of the explorer.

import { choice, dropdown } from "./choices.js";
import { button, slider } from "./controls.js";
import { bed, bedOf, SCHEDULE } from "./dose.js";
import { div, h, put, show } from "./dom.js";
import { columns, has, patientKeys } from "./hazard_model.js";
import { caveats, counted, describe } from "./hazard_words.js";
import { trim } from "./text.js";

// The panel, and a `draw` that shows the controls of the models in use.
export function hazardPanel(data, { read, change, reset }) {
  const { size, bed: bedKey } = data.keys;
  const levels = Object.keys(data.levels);
  const others = counted(data);
  // Dose and fractions are open although they make one of the regimens
  let custom = false;
  const patient = (state) => Object.fromEntries(patientKeys(data).map((key) => [key, state[key]]));
  const setTo = (key) => (value) => change({ [key]: value });

  const controls = {};
  for (const [key, spec] of Object.entries(data.numbers)) controls[key] = slider(spec, setTo(key));
  for (const key of levels) controls[key] = choice({ ...data.levels[key], onchange: setTo(key) });
  controls[bedKey] = dropdown({
    label: "Dose and fractions",
    options: [
      ...data.regimens.map(([d, n]) => [
        `${d}/${n}`,
        `${d} Gy in ${n}: BED ${trim(bed(d, n, data.alpha_beta))} Gy`,
      ]),
      ["custom", "Other: set below"],
    ],
    onchange: (value) => {
      custom = value === "custom";
      const [d, n] = value.split("/").map(Number);
      change(custom ? {} : { total_dose_gy: d, fractions: n, alpha_beta: data.alpha_beta });
    },
  });
  const formula = h("p", { class: "rx-formula" });
  const lq = div("rx-lq", SCHEDULE.map((key) => controls[key].el), formula);
  const source = choice({
    label: "Hazard ratios from",
    options: data.sources.map(({ key, label }) => [key, label]),
    onchange: setTo("source"),
  });
  const warning = h("p", { class: "rx-warning" });
  const referenceText = h("span");
  const same = button("Make this patient the reference", () => change({ reference: patient(read()) }));
  const swap = button("Swap", () => {
    const state = read();
    change({ ...state.reference, reference: patient(state) });
  });
  const back = button("Reset", () => {
    custom = false;
    reset();
  });
  const legend = (key, text, extra) => h("span", { class: `rx-key rx-key-${key}` }, text, extra);
  const el = div(
    "rx-panel",
    div("rx-top", source.el, back),
    div("rx-controls", controls[size].el, controls[bedKey].el, lq),
    div("rx-row", [...levels, ...others].map((key) => controls[key].el)),
    h(
      "p",
      { class: "rx-legend" },
      legend("a", "This patient"),
      legend("b", "Reference: ", referenceText),
      h("span", { class: "rx-buttons" }, same, swap),
    ),
    warning,
  );

  return {
    el,
    warning,
    draw(state) {
      const models = data.models[state.source];
      const used = columns(models);
      source.set(state.source);
      for (const key of patientKeys(data)) controls[key].set(state[key]);
      const regimen = data.regimens.find(
        ([d, n]) =>
          d === state.total_dose_gy && n === state.fractions && state.alpha_beta === data.alpha_beta,
      );
      const open = custom || !regimen;
      controls[bedKey].set(open ? "custom" : `${regimen[0]}/${regimen[1]}`);
      for (const key of [size, bedKey, ...others, ...levels]) show(controls[key].el, used.has(key));
      for (const key of [...levels, ...others]) {
        // Which of the two hazards a control moves, where it is only one of them
        const moves = Object.keys(models).filter((outcome) => has(models[outcome], key));
        const only =
          moves.length < Object.keys(models).length ? `only ${data.outcomes[moves[0]]?.event}` : "";
        controls[key].note([only, data.levels[key]?.note].filter(Boolean).join(", "));
      }
      show(lq, open && used.has(bedKey));
      const { total_dose_gy: dose, fractions, alpha_beta: alphaBeta } = state;
      put(
        formula,
        `BED = ${trim(dose, 2)} × (1 + ${trim(dose / fractions, 2)} / ${trim(alphaBeta, 2)}) = ${trim(bedOf(state), 1)} Gy`,
      );
      put(referenceText, describe(data, state.reference, used));
      put(warning, caveats(data, state, used));
      show(warning, warning.textContent !== "");
    },
  };
}
