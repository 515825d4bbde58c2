// The hazard explorer: how two patients' hazards compare, by the models that Python has sent.

import { choice } from "./choices.js";
import { button, KEEP_KEYS } from "./controls.js";
import { bedOf } from "./dose.js";
import { div, h, put, set, show } from "./dom.js";
import { effectChart, spanOf } from "./effect_chart.js";
import { outcomeCards } from "./hazard_cards.js";
import { iconArrays } from "./hazard_charts.js";
import { hazardRows, hazardWords, patientLink } from "./hazard_files.js";
import { hazardMap, mapLegend } from "./hazard_map.js";
import { columns, evaluate, has, inOrder, settingKeys } from "./hazard_model.js";
import { hazardPanel } from "./hazard_panel.js";
import { scheduleFor } from "./hazard_schedule.js";
import { tour } from "./hazard_tour.js";
import { differenceSentence, hundred, reach, sentence, withheld } from "./hazard_words.js";
import { inRange } from "./link.js";
import { widget } from "./shell.js";
import { takeAlong } from "./take_along.js";
import { capital, measure, percent, ratio, trim } from "./text.js";

const NEAR = 3; // Gy: where a pointer that chooses a BED means a regimen

function render({ model, el }) {
  const data = inOrder(model.get("_data"));
  const { size, bed: bedKey } = data.keys;
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
    const page = Boolean(model.page);
    const panel = hazardPanel(data, { read, change, reset, page });
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
    const sizeOf = (value) => ({ [size]: Math.round(value * 10) / 10 });
    const doseOf = (value) => scheduleFor(data, read(), value, NEAR);
    const effects = {
      [size]: effectChart(data, size, (value) => change(sizeOf(value))),
      [bedKey]: effectChart(data, bedKey, (value) => change(doseOf(value))),
    };
    const effectCards = Object.values(effects).map(({ svg }) => div("rx-card", svg));
    const effectTitle = h("p", { class: "rx-head" });
    const effectNote = h("p", { class: "rx-note" });
    const map = hazardMap(data, (across, up) => change({ ...sizeOf(across), ...doseOf(up) }));
    const mapTitle = h("p", { class: "rx-head" });
    const mapSays = h("p");
    const mapCard = div(
      "rx-card",
      mapTitle,
      map.svg,
      mapLegend(),
      mapSays,
      h("p", { class: "rx-note" }, data.map_note),
    );
    const icons = iconArrays();
    const iconTitle = h("p", { class: "rx-head" });
    const iconSentence = h("p");
    const iconDifference = h("p");
    const iconNote = "Pale or outlined in colour: where the 95 % interval leaves open what happens.";
    const iconCard = div(
      "rx-card",
      iconTitle,
      icons.svg,
      iconDifference,
      iconSentence,
      h("p", { class: "rx-note" }, iconNote),
    );
    const basis = h("p");

    const links = patientLink(data);
    const files = takeAlong({
      model,
      root,
      live,
      read,
      change,
      valid,
      ...links,
      words: () => hazardWords(data, read()),
      rows: () => hazardRows(data, read()),
      charts: () => [
        ...Object.values(effects).map(({ svg }) => [svg, effectTitle.textContent]),
        ...Object.values(cards).map(({ svg, title }) => [svg, `Predicted ${title.toLowerCase()}`]),
        [map.svg, mapTitle.textContent],
        [icons.svg, iconTitle.textContent],
      ],
    });
    const screen = button("Full screen", () =>
      document.fullscreenElement ? document.exitFullscreen() : root.requestFullscreen(),
    );
    show(screen, Boolean(document.fullscreenEnabled));
    files.el.append(screen);
    if (page && data.handout)
      files.el.append(h("a", { href: data.handout, ...KEEP_KEYS }, "This explorer as one file"));

    // What the ratios come to stays in sight wherever a control is moved.
    const brief = div("rx-brief", each("brief"));
    const views = div(
      "rx-views",
      div("rx-top", outcome.el, month.el),
      effectTitle,
      div("rx-grid", effectCards),
      effectNote,
      h("p", { class: "rx-head" }, "Predicted curves"),
      div("rx-grid", each("el")),
      div("rx-grid", mapCard, iconCard),
      div("rx-grid", each("table")),
    );
    const start = model.get("_initial");
    root.append(
      div("rx-stage", panel.el, div("rx-results", brief, views)),
      h("p", { class: "rx-caution" }, data.caution),
      tour(data, {
        name: model.get("_name"),
        page,
        start,
        go: change,
        link: (state) => links.pack(state),
      }) ?? "",
      h("details", {}, h("summary", { ...KEEP_KEYS }, "What these numbers rest on"), basis),
      files.el,
    );

    // Test hook and scripting: every number at full precision.
    root.numbers = () => evaluate(data, read());

    return function draw() {
      const state = read();
      const models = data.models[state.source];
      const origin = data.sources.find(({ key }) => key === state.source);
      const far = reach(data, state, columns(models));
      const result = far === "beyond" ? {} : evaluate(data, state);
      const gaps = data.gaps[state.source];
      outcome.set(state.outcome);
      month.set(state.month);
      panel.draw(state);
      set(root, { "data-reach": far ?? "" });
      show(views, far !== "beyond");
      for (const [key, card] of Object.entries(cards))
        card.draw(
          result[key],
          state.month,
          far === "beyond" ? withheld(data, state) : gaps?.[key],
          origin.course,
        );

      // Closer look
      // With one outcome on offer there is nothing to choose
      const offered = Object.keys(models);
      const shown = offered.includes(state.outcome) ? state.outcome : offered[0];
      show(outcome.el, offered.length > 1);
      const r = result[shown];
      const m = models[shown];
      const words = data.outcomes[shown];
      const keys = [size, bedKey].filter((key) => has(m, key));
      const span = spanOf(data, m, keys, state.reference);
      const alone = {};
      [size, bedKey].forEach((key, i) => {
        show(effectCards[i], keys.includes(key));
        if (keys.includes(key)) alone[key] = effects[key].draw(m, state, span, words.event);
      });
      show(effectTitle, keys.length > 0);
      put(
        effectTitle,
        `What ${keys.map((key) => data.short[key]).join(" and ")} alone would do, all else equal: ${words.event}`,
      );
      put(effectNote, data.rug && keys.length ? data.rug.note : "");
      const mapped = keys.length === 2;
      show(mapCard, mapped);
      put(mapTitle, `Both at once: ${words.event}`);
      if (mapped) {
        const both = map.draw(m, state);
        const rest = r ? r.hr / both.hr : 1;
        put(
          mapSays,
          `${capital(data.short[size])} and ${data.short[bedKey]} together: × ${ratio(both.hr)}, 95 % CI ${ratio(both.lower)} to ${ratio(both.upper)}.` +
            (Math.abs(rest - 1) > 1e-9 ? ` What else differs multiplies this by ${ratio(rest)}.` : ""),
        );
      }
      put(iconTitle, `${capital(words.free)} at ${state.month} months`);
      const at = r?.rates.find((row) => row.month === state.month);
      if (r) {
        icons.draw(at);
        put(iconDifference, differenceSentence(data, shown, at));
        put(iconSentence, sentence(data, shown, r));
      }
      put(basis, origin.basis);
      files.draw();

      // What a screen reader hears, once the reader has stopped moving things
      return () => {
        for (const [key, { svg, title }] of Object.entries(cards))
          if (result[key])
            set(svg, {
              "aria-label": `Curves of predicted ${title.toLowerCase()}. ${sentence(data, key, result[key])}`,
            });
        for (const [key, { hr, lower, upper }] of Object.entries(alone))
          set(effects[key].svg, {
            "aria-label": `Hazard ratio of ${words.event} against ${data.short[key]}, all else equal. This patient: ${ratio(hr)}, 95 % interval ${ratio(lower)} to ${ratio(upper)}.`,
          });
        if (mapped) set(map.svg, {
          "aria-label": `Map of the hazard ratio of ${words.event}. This patient: ${measure(data.numbers[size], state[size])}, BED ${trim(bedOf(state))} Gy. ${mapSays.textContent}`,
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
