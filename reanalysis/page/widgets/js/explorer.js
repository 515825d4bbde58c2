// The hazard explorer: how two patients' hazards compare, by the models that Python has sent.

import { choice } from "./choices.js";
import { KEEP_KEYS } from "./controls.js";
import { bed, bedOf, doseForBed } from "./dose.js";
import { div, h, put, set, show } from "./dom.js";
import { outcomeCards } from "./hazard_cards.js";
import { hazardMap, iconArrays } from "./hazard_charts.js";
import { hazardRows, hazardWords, patientLink } from "./hazard_files.js";
import { evaluate, has, settingKeys } from "./hazard_model.js";
import { hazardPanel } from "./hazard_panel.js";
import { hundred, sentence } from "./hazard_words.js";
import { inRange } from "./link.js";
import { clamp } from "./plot.js";
import { widget } from "./shell.js";
import { takeAlong } from "./take_along.js";
import { capital, measure, percent, ratio, trim } from "./text.js";

function render({ model, el }) {
  const data = model.get("_data");
  const { size } = data.keys;
  const valid = (full, value) => {
    const key = full.replace(/^ref[.]/, "");
    if (key in data.numbers) return inRange(data.numbers[key], value);
    if (key in data.levels) return data.levels[key].options.some(([level]) => level === value);
    const others = {
      source: Object.keys(data.models),
      outcome: Object.keys(data.outcomes),
      month: data.months,
    };
    return others[key]?.includes(value) ?? false;
  };

  function build({ root, read, change, reset, live }) {
    const panel = hazardPanel(data, { read, change, reset });
    const cards = outcomeCards(data);
    const each = (part) => Object.values(cards).map((card) => card[part]);

    // The closer look at one outcome
    const outcome = choice({
      label: "Closer look at",
      options: Object.entries(data.outcomes).map(([key, { event }]) => [key, capital(event)]),
      onchange: (value) => change({ outcome: value }),
    });
    const month = choice({
      label: data.time,
      options: data.months.map((m) => [m, m]),
      onchange: (value) => change({ month: value }),
    });
    const map = hazardMap(data, (picked, value) => {
      const { fractions, alpha_beta: alphaBeta } = read();
      const near = data.regimens.find(([d, n]) => Math.abs(bed(d, n, data.alpha_beta) - value) < 3);
      const dose = Math.round(doseForBed(value, fractions, alphaBeta) * 2) / 2;
      change({
        [size]: Math.round(picked * 10) / 10,
        ...(near
          ? { total_dose_gy: near[0], fractions: near[1], alpha_beta: data.alpha_beta }
          : { total_dose_gy: clamp(dose, ...data.numbers.total_dose_gy.range) }),
      });
    });
    const mapTitle = h("p", { class: "rx-head" });
    const [few, some] = data.classes;
    const [across, up] = data.cell;
    const squares = `Squares, small to large: fewer than ${few}, ${few} to ${some - 1}, ${some} or more of the cohort’s patients within ${across} ${data.numbers[size].unit} and ${up} Gy. `;
    const mapLegend = h(
      "p",
      { class: "rx-note" },
      `Lines of equal hazard ratio. ${data.density?.bed ? squares : ""}Click to move this patient.`,
    );
    const mapCard = div("rx-card", mapTitle, map.svg, mapLegend);
    const icons = iconArrays();
    const iconTitle = h("p", { class: "rx-head" });
    const iconSentence = h("p");
    const iconCard = div("rx-card", iconTitle, icons.svg, iconSentence);
    const basis = h("p");
    const brief = h("p", { class: "rx-brief", "aria-hidden": "true" });

    const files = takeAlong({
      model,
      root,
      live,
      read,
      change,
      valid,
      ...patientLink(data),
      words: () => hazardWords(data, read()),
      rows: () => hazardRows(data, read()),
      charts: () => [
        ...Object.values(cards).map(({ svg, title }) => [svg, `Predicted ${title.toLowerCase()}`]),
        [map.svg, mapTitle.textContent],
        [icons.svg, iconTitle.textContent],
      ],
    });

    root.append(
      panel.el,
      div("rx-grid rx-aligned", each("el")),
      div("rx-top", outcome.el, month.el),
      div("rx-grid", mapCard, iconCard),
      div("rx-grid", each("table")),
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
      outcome.set(state.outcome);
      month.set(state.month);
      panel.draw(state);
      for (const [key, card] of Object.entries(cards))
        card.draw(result[key], state.month, data.gaps[state.source]?.[key]);

      // Closer look
      // With one outcome on offer there is nothing to choose
      const shown = result[state.outcome] ? state.outcome : Object.keys(result)[0];
      show(outcome.el, Object.keys(result).length > 1);
      const r = result[shown];
      const words = data.outcomes[shown];
      const at = r?.rates.find((row) => row.month === state.month);
      show(mapCard, Boolean(r && has(models[shown], size) && has(models[shown], data.keys.bed)));
      show(iconCard, Boolean(r));
      put(mapTitle, `Hazard ratio of ${words.event} by ${data.short[size]} and ${data.short[data.keys.bed]}`);
      if (!mapCard.hidden) map.draw(models[shown], state);
      put(iconTitle, `${capital(words.free)} at ${state.month} months`);
      if (r) icons.draw(at);
      if (r) put(iconSentence, sentence(data, shown, r));

      brief.replaceChildren(
        ...Object.entries(result).map(([key, { hr }]) =>
          h("span", {}, `${data.outcomes[key].event} `, h("strong", {}, `× ${ratio(hr)}`)),
        ),
      );
      put(basis, data.sources.find(({ key }) => key === state.source).basis);
      files.draw();

      // What a screen reader hears, once the reader has stopped moving things
      return () => {
        for (const [key, { svg, title }] of Object.entries(cards))
          if (result[key])
            set(svg, {
              "aria-label": `Curves of predicted ${title.toLowerCase()}. ${sentence(data, key, result[key])}`,
            });
        set(map.svg, {
          "aria-label": `Map of the hazard ratio of ${words.event}. This patient: ${measure(data.numbers[size], state[size])}, BED ${trim(bedOf(state))} Gy, hazard ratio ${r ? ratio(r.hr) : "not available"}.`,
        });
        if (r)
          set(icons.svg, {
            "aria-label": `${iconTitle.textContent}: this patient ${hundred(at.patient.survival)}, reference ${hundred(at.reference.survival)}.`,
          });
        const spoken = Object.entries(result).map(([key, { hr, lower, upper, rates }]) => {
          const { patient } = rates.find((row) => row.month === state.month);
          const { event, title } = data.outcomes[key];
          return `Hazard ratio of ${event} ${ratio(hr)}, from ${ratio(lower)} to ${ratio(upper)}; ${title.toLowerCase()} at ${state.month} months ${percent(patient.survival)}.`;
        });
        return [...spoken, panel.warning.textContent].join(" ");
      };
    };
  }
  return widget({ model, el, label: "Hazard explorer", traits: settingKeys(data), build });
}

export default { render };
