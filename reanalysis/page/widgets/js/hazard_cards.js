// One card and one table per outcome of the explorer.

import { div, h, put, show } from "./dom.js";
import { curveChart, ratioChart } from "./hazard_charts.js";
import { table } from "./table.js";
import { rate, ratio } from "./text.js";

// Cards by outcome; `draw` takes an outcome's numbers, or undefined and why there are none.
export function outcomeCards(data) {
  return Object.fromEntries(
    Object.entries(data.outcomes).map(([outcome, words]) => [outcome, outcomeCard(data, words)]),
  );
}

function outcomeCard(data, { title, event, end }) {
  const big = h("strong");
  const interval = h("span");
  const because = h("p", { class: "rx-because" });
  const ratioView = ratioChart();
  const curves = curveChart(end, data.time, title);
  const cells = data.months.map(() => [h("td"), h("td")]);
  const rates = table(
    `${title}, % (95 % CI)`,
    ["Months", "This patient", "Reference"],
    data.months.map((month, i) => [month, ...cells[i]]),
  );
  const gap = h("p", { class: "rx-note" });
  const body = div(
    "rx-body",
    h("p", { class: "rx-ratio" }, big, interval),
    ratioView.svg,
    because,
    curves.svg,
  );
  const el = h(
    "div",
    { class: "rx-card", role: "group", "aria-label": title },
    h("p", { class: "rx-head" }, `Hazard of ${event} vs reference`),
    body,
    gap,
  );
  return {
    el,
    table: rates,
    svg: curves.svg,
    title,
    draw(r, month, why = "") {
      show(body, Boolean(r));
      show(rates, Boolean(r));
      put(gap, r ? "" : why);
      if (!r) return;
      put(big, `× ${ratio(r.hr)}`);
      put(
        interval,
        r.parts.length ? `95 % CI ${ratio(r.lower)} to ${ratio(r.upper)}` : "the same in both",
      );
      put(because, r.parts.map(([term, part]) => `${data.short[term]} × ${ratio(part)}`).join("  ·  "));
      ratioView.draw(r);
      curves.draw(r, month);
      r.rates.forEach((row, i) =>
        [row.patient, row.reference].forEach(({ survival, lower, upper }, k) =>
          put(cells[i][k], rate(survival, lower, upper)),
        ),
      );
    },
  };
}
