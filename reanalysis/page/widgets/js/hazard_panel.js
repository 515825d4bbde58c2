// The controls of the explorer.

import { choice } from "./choices.js";
import { button, KEEP_KEYS, slider } from "./controls.js";
import { bed, bedOf, SCHEDULE } from "./dose.js";
import { div, h, put, show } from "./dom.js";
import { columns, has, patientKeys } from "./hazard_model.js";
import { scheduleFor } from "./hazard_schedule.js";
import { caveats, counted, describe } from "./hazard_words.js";
import { trim } from "./text.js";

// The panel, and a `draw` that shows the controls of the models in use. `page` is whether it
// stands on a page of the book, where links to other pages lead somewhere.
export function hazardPanel(data, { read, change, reset, page }) {
  const { size, bed: bedKey } = data.keys;
  const levels = Object.keys(data.levels);
  const others = counted(data);
  const patient = (state) => Object.fromEntries(patientKeys(data).map((key) => [key, state[key]]));
  const setTo = (key) => (value) => change({ [key]: value });

  const controls = {};
  for (const [key, spec] of Object.entries(data.numbers)) controls[key] = slider(spec, setTo(key));
  for (const key of levels) controls[key] = choice({ ...data.levels[key], onchange: setTo(key) });
  const marks = data.regimens.map(([d, n]) => [bed(d, n, data.alpha_beta), `${d}/${n}`]);
  const step = data.bed_step;
  controls[bedKey] = slider(
    { label: "BED", range: data.bed, step, marks },
    (value) => change(scheduleFor(data, read(), value, step / 2)),
  );
  const formula = h("p", { class: "rx-formula" });
  const schedule = h("summary", { ...KEEP_KEYS });
  const lq = h("details", { class: "rx-lq" }, schedule, SCHEDULE.map((key) => controls[key].el), formula);

  // What is known only later stands apart, closed.
  const apart = Object.entries(data.levels)
    .filter(([, level]) => level.later)
    .map(([key, { label, later }]) => {
      const more = page ? h("a", { href: later.href, ...KEEP_KEYS }, later.link) : null;
      const el = h(
        "details",
        { class: "rx-lq" },
        h("summary", { ...KEEP_KEYS }, `Known only later: ${label}`),
        h("p", { class: "rx-note" }, `${later.why} `, more),
        controls[key].el,
      );
      return { key, el };
    });
  const known = levels.filter((key) => !data.levels[key].later);
  const source = choice({
    label: "Hazard ratios from",
    options: data.sources.map(({ key, label }) => [key, label]),
    onchange: setTo("source"),
  });
  const warning = h("p", { class: "rx-warning" });
  const mineText = h("span");
  const referenceText = h("span");
  const same = button("Make this patient the reference", () => change({ reference: patient(read()) }));
  const swap = button("Swap", () => {
    const state = read();
    change({ ...state.reference, reference: patient(state) });
  });
  const legend = (key, text, extra) => h("span", { class: `rx-key rx-key-${key}` }, text, extra);
  const el = div(
    "rx-panel",
    controls[size].el,
    controls[bedKey].el,
    warning,
    lq,
    div("rx-row", [...known, ...others].map((key) => controls[key].el)),
    apart.map((one) => one.el),
    source.el,
    h(
      "p",
      { class: "rx-legend" },
      legend("a", "This patient: ", mineText),
      legend("b", "Reference: ", referenceText),
    ),
    div("rx-buttons", same, swap, button("Reset", reset)),
  );

  return {
    el,
    warning,
    draw(state) {
      const models = data.models[state.source];
      const used = columns(models);
      source.set(state.source);
      for (const key of patientKeys(data)) controls[key].set(state[key]);
      const { total_dose_gy: dose, fractions, alpha_beta: alphaBeta } = state;
      const words = `${trim(dose, 1)} Gy in ${fractions}`;
      controls[bedKey].set(bedOf(state), `${trim(bedOf(state))} Gy (${words})`);
      put(schedule, `Dose and fractions: ${words}, α/β ${trim(alphaBeta)} Gy`);
      for (const key of [size, bedKey, ...others, ...levels]) show(controls[key].el, used.has(key));
      for (const one of apart) {
        show(one.el, used.has(one.key));
        const [usual] = data.levels[one.key].options[0];
        if (state[one.key] !== usual || state.reference[one.key] !== usual) one.el.open = true;
      }
      for (const key of [...levels, ...others]) {
        // Which of the two hazards a control moves, where it is only one of them
        const moves = Object.keys(models).filter((outcome) => has(models[outcome], key));
        controls[key].note(
          moves.length < Object.keys(models).length ? `only ${data.outcomes[moves[0]]?.event}` : "",
        );
      }
      show(lq, used.has(bedKey));
      put(
        formula,
        `BED = ${trim(dose, 2)} × (1 + ${trim(dose / fractions, 2)} / ${trim(alphaBeta, 2)}) = ${trim(bedOf(state), 1)} Gy`,
      );
      put(mineText, describe(data, state, used));
      put(referenceText, describe(data, state.reference, used));
      put(warning, caveats(data, state, used));
      show(warning, warning.textContent !== "");
    },
  };
}
