// What the explorer says of each outcome: the ratio in brief, the curves, and the rates in a table.

import { div, h, put, show } from "./dom.js";
import { curveChart } from "./hazard_charts.js";
import { bandsOverlap } from "./hazard_words.js";
import { scrolling, table } from "./table.js";
import { capital, rate, ratio } from "./text.js";

const SHARED =
  "The bands overlap although the interval of the ratio leaves out 1: both curves share what is uncertain about all that the two patients have in common, and a ratio does not.";

// Parts by outcome; `draw` takes an outcome's numbers, or undefined and why there are none.
export function outcomeCards(data) {
  return Object.fromEntries(
    Object.entries(data.outcomes).map(([outcome, words]) => [outcome, outcomeCard(data, words)]),
  );
}

function outcomeCard(data, { title, event, end }) {
  const big = h("strong");
  const interval = h("span", { class: "rx-ci" });
  const because = h("p", { class: "rx-because" });
  const rates = h("p", { class: "rx-rates" });
  const gap = h("p", { class: "rx-note" });
  const brief = h(
    "div",
    { class: "rx-outcome", role: "group", "aria-label": title },
    h("p", { class: "rx-ratio" }, h("span", { class: "rx-head" }, capital(event)), big, interval),
    rates,
    because,
    gap,
  );
  const curves = curveChart(end, data.time, title);
  const shared = h("p", { class: "rx-note" });
  const course = h("p", { class: "rx-note" });
  const el = div("rx-card", curves.svg, course, shared);
  const cells = data.months.map(() => [h("td"), h("td")]);
  const caption = `${title}, % (95 % CI)`;
  const numbers = scrolling(
    caption,
    table(
      caption,
      ["Month", "This patient", "Reference"],
      data.months.map((month, i) => [month, ...cells[i]]),
    ),
  );
  return {
    brief,
    el,
    table: numbers,
    svg: curves.svg,
    title,
    draw(r, month, why = "", origin = "") {
      for (const node of [big, interval, rates, because, el, numbers]) show(node, Boolean(r));
      show(gap, !r);
      put(gap, r ? "" : why);
      if (!r) return;
      put(big, `× ${ratio(r.hr)}`);
      put(
        interval,
        r.parts.length ? `95 % CI ${ratio(r.lower)} to ${ratio(r.upper)}` : "the same in both",
      );
      put(because, r.parts.map(([term, part]) => `${data.short[term]} × ${ratio(part)}`).join("  ·  "));
      const now = r.rates.find((row) => row.month === month);
      const share = ({ survival }) => (Number.isNaN(survival) ? "not observed" : `${(100 * survival).toFixed(1)} %`);
      rates.replaceChildren(
        h("span", { class: "rx-free" }, `${title}, month ${month}: `),
        h("b", {}, share(now.patient)),
        ` vs ${share(now.reference)}`,
      );
      put(course, origin);
      put(shared, bandsOverlap(r, month) ? SHARED : "");
      curves.draw(r, month);
      r.rates.forEach((row, i) =>
        [row.patient, row.reference].forEach(({ survival, lower, upper }, k) =>
          put(cells[i][k], rate(survival, lower, upper)),
        ),
      );
    },
  };
}
