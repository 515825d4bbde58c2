// The hazard explorer: how tumour size and BED shift the hazards of local failure and death.
// Controls and words; the models, charts and files are in the modules beside it.

// ---- Words ----------------------------------------------------------------------------------

const dose = (p) => `${trim(p.total_dose_gy, 2)} Gy in ${p.fractions}`;
const hundred = (p) => (Number.isNaN(p) ? "–" : String(Math.round(100 * p)));

// Where the cohort has patients near this size and BED: null, "few" or "none".
function support(density, size, value) {
  if (!density) return null;
  const bin = (edges, x) =>
    x === edges.at(-1) ? edges.length - 2 : edges.findIndex((edge, i) => x >= edge && x < edges[i + 1]);
  const i = bin(density.size, Math.round(size * 1e6) / 1e6);
  const j = density.bed ? bin(density.bed, Math.round(value * 1e6) / 1e6) : 0;
  const level = i < 0 || j < 0 ? 0 : density.level[i][j];
  return level === 0 ? "none" : level === 1 ? "few" : null;
}

// ---- The widget -----------------------------------------------------------------------------

function render({ model, el }) {
  const data = model.get("_data");
  const valid = (full, value) => {
    const key = full.replace(/^ref[.]/, "");
    if (key in data.range) return inRange(data.range, key, value);
    if (key in data.levels) return data.levels[key].options.some(([level]) => level === value);
    return (
      { source: Object.keys(data.models), outcome: Object.keys(OUTCOMES), month: MONTHS }[key]?.includes(
        value,
      ) ?? false
    );
  };

  function build({ root, read, change, reset, live }) {
    // Controls
    let custom = false; // dose and fractions are open although they make one of the regimens
    const patient = (state) => Object.fromEntries(PATIENT.map((key) => [key, state[key]]));
    const put1 = (key) => (value) => change({ [key]: value });
    const number = (key, label, step, text, note) =>
      slider({
        label,
        note,
        min: data.range[key][0],
        max: data.range[key][1],
        step,
        text,
        oninput: put1(key),
      });
    const cm = (x) => `${x.toFixed(1)} cm`;
    const gy = (x) => `${trim(x, 2)} Gy`;
    const controls = {
      tumor_size_cm: number("tumor_size_cm", "Tumour size", 0.1, cm),
      bed10_gy: dropdown({
        label: "Dose and fractions",
        options: [
          ...data.regimens.map(([d, n]) => [`${d}/${n}`, `${d} Gy in ${n}: BED ${trim(bed(d, n, 10))} Gy`]),
          ["custom", "Other: set below"],
        ],
        onchange: (value) => {
          custom = value === "custom";
          const [d, n] = value.split("/").map(Number);
          change(custom ? {} : { total_dose_gy: d, fractions: n, alpha_beta: 10 });
        },
      }),
      total_dose_gy: number("total_dose_gy", "Total dose", 0.5, gy),
      fractions: number("fractions", "Fractions", 1, String),
      alpha_beta: number("alpha_beta", "α/β", 0.5, gy),
      prior_sessions: number("prior_sessions", "Prior sessions", 1, String),
    };
    for (const key of LEVELS) controls[key] = choice({ ...data.levels[key], onchange: put1(key) });
    const lq = h(
      "div",
      { class: "rx-lq" },
      controls.total_dose_gy.el,
      controls.fractions.el,
      controls.alpha_beta.el,
    );
    const formula = h("p", { class: "rx-formula" });
    lq.append(formula);
    const source = choice({
      label: "Hazard ratios from",
      options: data.sources.map(({ key, label }) => [key, label]),
      onchange: put1("source"),
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

    // One card per outcome
    const cards = Object.fromEntries(
      Object.entries(OUTCOMES).map(([outcome, words]) => {
        const models = Object.values(data.models)
          .map((source) => source[outcome])
          .filter(Boolean);
        const big = h("strong");
        const interval = h("span");
        const because = h("p", { class: "rx-because" });
        const ratioView = ratioChart();
        const chart = curveChart(
          words.title,
          Math.min(60, Math.max(36, ...models.map((m) => Math.floor(m.end)))),
        );
        const cells = MONTHS.map(() => [h("td"), h("td"), h("td")]);
        const table = h(
          "table",
          { class: "rx-table" },
          h("caption", {}, `${words.title}, % (95 % CI)`),
          h(
            "thead",
            {},
            h(
              "tr",
              {},
              ["Months", "This patient", "Reference"].map((text) => h("th", { scope: "col" }, text)),
            ),
          ),
          h(
            "tbody",
            {},
            MONTHS.map((month, i) => h("tr", {}, h("th", { scope: "row" }, month), cells[i][0], cells[i][1])),
          ),
        );
        const gap = h("p", { class: "rx-note" });
        const body = h(
          "div",
          { class: "rx-body" },
          h("p", { class: "rx-ratio" }, big, interval),
          ratioView.svg,
          because,
          chart.svg,
        );
        const card = h(
          "div",
          { class: "rx-card", role: "group", "aria-label": words.title },
          h("p", { class: "rx-head" }, `Hazard of ${words.event} vs reference`),
          body,
          gap,
        );
        return [outcome, { el: card, table, body, gap, big, interval, because, ratioView, chart, cells }];
      }),
    );

    // The closer look at one outcome
    const outcome = choice({
      label: "Closer look at",
      options: [
        ["local_failure", "Local failure"],
        ["death", "Death"],
      ],
      onchange: put1("outcome"),
    });
    const month = choice({
      label: "Months after SBRT",
      options: MONTHS.map((m) => [m, m]),
      onchange: put1("month"),
    });
    const map = hazardMap(data, (size, value) => {
      const state = read();
      const near = data.regimens.find(([d, n]) => Math.abs(bed(d, n, 10) - value) < 3);
      const [n, ab] = [state.fractions, state.alpha_beta];
      change({
        tumor_size_cm: Math.round(size * 10) / 10,
        ...(near
          ? { total_dose_gy: near[0], fractions: near[1], alpha_beta: 10 }
          : {
              total_dose_gy: clamp(Math.round(doseForBed(value, n, ab) * 2) / 2, ...data.range.total_dose_gy),
            }),
      });
    });
    const mapTitle = h("p", { class: "rx-head" });
    const mapLegend = h("p", { class: "rx-note" });
    const mapCard = h("div", { class: "rx-card" }, mapTitle, map.svg, mapLegend);
    const icons = iconArrays();
    const iconTitle = h("p", { class: "rx-head" });
    const iconSentence = h("p");
    const iconCard = h("div", { class: "rx-card" }, iconTitle, icons.svg, iconSentence);
    const basis = h("p");
    const brief = h("p", { class: "rx-brief", "aria-hidden": "true" });

    const files = takeAlong({
      model,
      root,
      live,
      read,
      change,
      valid,
      pack: packPatients,
      unpack: unpackPatients,
      words: () => hazardWords(data, read()),
      rows: () => hazardRows(data, read()),
      charts: () => [
        [cards.local_failure.chart.svg, "Predicted local control"],
        [cards.death.chart.svg, "Predicted overall survival"],
        [map.svg, mapTitle.textContent],
        [icons.svg, iconTitle.textContent],
      ],
    });

    const legend = (key, text, extra) => h("span", { class: `rx-key rx-key-${key}` }, text, extra);
    root.append(
      h(
        "div",
        { class: "rx-panel" },
        h("div", { class: "rx-top" }, source.el, back),
        h(
          "div",
          { class: "rx-controls" },
          ["tumor_size_cm", "bed10_gy"].map((key) => controls[key].el),
          lq,
        ),
        h(
          "div",
          { class: "rx-row" },
          [...LEVELS, "prior_sessions"].map((key) => controls[key].el),
        ),
        h(
          "p",
          { class: "rx-legend" },
          legend("a", "This patient"),
          legend("b", "Reference: ", referenceText),
          h("span", { class: "rx-buttons" }, same, swap),
        ),
        warning,
      ),
      h(
        "div",
        { class: "rx-grid rx-aligned" },
        Object.values(cards).map((card) => card.el),
      ),
      h("div", { class: "rx-top" }, outcome.el, month.el),
      h("div", { class: "rx-grid" }, mapCard, iconCard),
      h(
        "div",
        { class: "rx-grid" },
        Object.values(cards).map((card) => card.table),
      ),
      h("p", { class: "rx-caution" }, data.caution),
      h("details", {}, h("summary", { ...KEEP_KEYS }, "What these numbers rest on"), basis),
      files.el,
      brief,
    );

    // Test hook and scripting: every number at full precision.
    root.numbers = () => evaluate(data, read());

    return function draw() {
      const state = read();
      const models = data.models[state.source];
      const result = evaluate(data, state);
      const used = new Set(Object.values(models).flatMap((m) => m.terms.map((term) => term[0])));
      const value = bedOf(state);

      // Controls: those of the models in use, each with the outcomes that it concerns
      source.set(state.source);
      outcome.set(state.outcome);
      month.set(state.month);
      for (const key of PATIENT) controls[key].set(state[key]);
      const regimen = data.regimens.find(
        ([d, n]) => d === state.total_dose_gy && n === state.fractions && state.alpha_beta === 10,
      );
      const open = custom || !regimen;
      controls.bed10_gy.set(open ? "custom" : `${regimen[0]}/${regimen[1]}`);
      for (const key of ["tumor_size_cm", "bed10_gy", "prior_sessions", ...LEVELS])
        show(controls[key].el, used.has(key));
      for (const key of [...LEVELS, "prior_sessions"]) {
        // Which of the two hazards a control moves, where it is only one of them
        const moves = Object.keys(models).filter((o) => models[o].terms.some((term) => term[0] === key));
        const only = moves.length < Object.keys(models).length ? `only ${OUTCOMES[moves[0]]?.event}` : "";
        controls[key].note([only, data.levels[key]?.note].filter(Boolean).join(", "));
      }
      show(lq, open && used.has("bed10_gy"));
      put(
        formula,
        `BED = ${trim(state.total_dose_gy, 2)} × (1 + ${trim(state.total_dose_gy / state.fractions, 2)} / ${trim(state.alpha_beta, 2)}) = ${trim(value, 1)} Gy`,
      );
      put(referenceText, describe(data, state.reference, used));

      // Outcomes
      for (const [key, card] of Object.entries(cards)) {
        const r = result[key];
        show(card.body, Boolean(r));
        show(card.table, Boolean(r));
        put(card.gap, r ? "" : (data.gaps[state.source]?.[key] ?? ""));
        if (!r) continue;
        put(card.big, `× ${ratio(r.hr)}`);
        put(
          card.interval,
          r.parts.length ? `95 % CI ${ratio(r.lower)} to ${ratio(r.upper)}` : "the same in both",
        );
        put(
          card.because,
          r.parts.map(([term, part]) => `${data.short[term]} × ${ratio(part)}`).join("  ·  "),
        );
        card.ratioView.draw(r);
        card.chart.draw(r, state.month);
        r.rates.forEach((rate, i) =>
          ["patient", "reference"].forEach((who, k) => put(card.cells[i][k], cell(rate[who]))),
        );
      }

      // Closer look
      // With one outcome on offer there is nothing to choose
      const shown = result[state.outcome] ? state.outcome : Object.keys(result)[0];
      show(outcome.el, Object.keys(result).length > 1);
      const r = result[shown];
      const words = OUTCOMES[shown];
      const rate = r?.rates.find((row) => row.month === state.month);
      const drawable =
        r && used.has("tumor_size_cm") && models[shown].terms.some((term) => term[0] === "bed10_gy");
      show(mapCard, Boolean(drawable));
      show(iconCard, Boolean(r));
      put(mapTitle, `Hazard ratio of ${words.event} by size and BED`);
      put(
        mapLegend,
        data.density?.bed
          ? "Lines of equal hazard ratio. Squares, small to large: fewer than 5, 5 to 19, 20 or more of the cohort’s patients within 0.5 cm and 10 Gy. Click to move this patient."
          : "Lines of equal hazard ratio. Click to move this patient.",
      );
      if (drawable) map.draw(models[shown], state);
      put(iconTitle, `${words.free[0].toUpperCase()}${words.free.slice(1)} at ${state.month} months`);
      if (r) icons.draw(rate);
      if (r) put(iconSentence, sentence(shown, r));

      brief.replaceChildren(
        ...Object.entries(result).map(([key, { hr }]) =>
          h("span", {}, `${OUTCOMES[key].event} `, h("strong", {}, `× ${ratio(hr)}`)),
        ),
      );
      put(warning, caveats(data, state, used, value));
      show(warning, warning.textContent !== "");
      put(basis, data.sources.find(({ key }) => key === state.source).basis);
      files.draw();

      // What a screen reader hears, once the reader has stopped moving things
      return () => {
        for (const [key, card] of Object.entries(cards))
          if (result[key])
            set(
              card.chart.svg,
              "aria-label",
              `Curves of predicted ${OUTCOMES[key].title.toLowerCase()}. ${sentence(key, result[key])}`,
            );
        set(
          map.svg,
          "aria-label",
          `Map of the hazard ratio of ${words.event}. This patient: ${cm(state.tumor_size_cm)}, BED ${trim(value)} Gy, hazard ratio ${r ? ratio(r.hr) : "not available"}.`,
        );
        if (r)
          set(
            icons.svg,
            "aria-label",
            `${iconTitle.textContent}: this patient ${hundred(rate.patient.survival)}, reference ${hundred(rate.reference.survival)}.`,
          );
        return `${Object.entries(result)
          .map(
            ([key, o]) =>
              `Hazard ratio of ${OUTCOMES[key].event} ${ratio(o.hr)}, from ${ratio(o.lower)} to ${ratio(o.upper)}; ${OUTCOMES[key].title.toLowerCase()} at ${state.month} months ${percent(o.rates.find((row) => row.month === state.month).patient.survival)}.`,
          )
          .join(" ")} ${warning.textContent}`;
      };
    };
  }
  return widget({ model, el, label: "Hazard explorer", traits: SETTINGS, build });
}

function sentence(outcome, r) {
  const of = (who) => list(r.rates.map((rate) => hundred(rate[who].survival)));
  return `Of 100 patients like this one, ${of("patient")} are expected to be ${OUTCOMES[outcome].free} at ${list(MONTHS.map(String))} months; of 100 like the reference, ${of("reference")}.`;
}
const cell = ({ survival, lower, upper }) =>
  Number.isNaN(survival)
    ? "not observed"
    : `${(100 * survival).toFixed(1)} (${(100 * lower).toFixed(0)}–${(100 * upper).toFixed(0)})`;

function describe(data, p, used) {
  const words = [];
  if (used.has("tumor_size_cm")) words.push(`${p.tumor_size_cm.toFixed(1)} cm`);
  if (used.has("bed10_gy")) words.push(`${dose(p)} (BED ${trim(bedOf(p))} Gy)`);
  for (const key of LEVELS)
    if (used.has(key))
      words.push(
        `${data.short[key]} ${data.levels[key].options.find(([level]) => level === p[key])?.[1].replace(/^(Yes|No)$/, (word) => word.toLowerCase()) ?? p[key]}`,
      );
  if (used.has("prior_sessions"))
    words.push(`${p.prior_sessions} prior session${p.prior_sessions === 1 ? "" : "s"}`);
  return words.join(", ");
}

// Where the reader leaves what the data can carry.
function caveats(data, state, used, value) {
  const notes = [];
  const near = used.has("tumor_size_cm") && support(data.density, state.tumor_size_cm, value);
  const where =
    data.density?.bed && used.has("bed10_gy")
      ? `a tumour near ${state.tumor_size_cm.toFixed(1)} cm and a BED near ${trim(value, 0)} Gy`
      : `a tumour near ${state.tumor_size_cm.toFixed(1)} cm`;
  if (near === "none") notes.push(`Extrapolation: no patient of this cohort had ${where}.`);
  if (near === "few") notes.push(`Few data: fewer than 5 patients of this cohort had ${where}.`);
  if (used.has("bed10_gy") && data.high && value >= data.high[0] - 10)
    notes.push(`${data.high[1]} of ${data.n} patients had a BED of ${data.high[0]} Gy or more.`);
  if (used.has("bed10_gy") && state.alpha_beta !== 10)
    notes.push(
      "The hazard ratios are per Gy of BED with α/β 10 Gy; with another α/β the scale is one that they were not estimated on.",
    );
  if (state.source === "paper" && state.tumor_size_cm > 6.9)
    notes.push("The paper’s tumours measured 0.7 to 6.9 cm.");
  return notes.join(" ");
}

export default { render };
