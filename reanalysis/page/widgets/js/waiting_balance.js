// What re-treating everybody without a response at some month would prevent, and what it would cost.

import { button, slider } from "./controls.js";
import { div, h, put, s, set } from "./dom.js";
import { chart, clamp, linear, px } from "./plot.js";
import { widget } from "./shell.js";
import { weigh } from "./weigh.js";

const BARS = { l: 150, r: 270, t: 26, gap: 44, height: 22 };

function render({ model, el }) {
  const data = model.get("_data");
  const { response, failures } = data.words;
  const most = Math.max(...data.waiting);
  const X = linear(0, most, BARS.l, BARS.r);

  function build({ root, change, reset }) {
    const percent = (label, trait, range) =>
      slider({ label, range, step: 1, text: (x) => `${x} %` }, (value) => change({ [trait]: value }));
    const ends = [data.months[0], data.months.at(-1)];
    const spec = { label: "Decide at", range: ends, step: 1, text: (x) => `${x} month${x === 1 ? "" : "s"}` };
    const months = slider(spec, (month) => change({ month }));
    const prevents = percent("Re-treatment prevents, of the failures to come", "prevents", [0, 100]);
    const harms = percent("Re-treatment harms, of the patients", "harms", [0, 50]);
    const names = ["Re-treated", "In vain", "Failures prevented", "Harmed"];
    const bars = names.map((name, i) => {
      const y = BARS.t + i * BARS.gap;
      const bar = s("rect", { class: i === 2 ? "rx-free-a" : i === 3 ? "rx-event" : "rx-later", x: BARS.l, y, height: BARS.height });
      const value = s("text", { class: "rx-title", y: y + 15 });
      const label = s("text", { class: "rx-title", x: BARS.l - 8, y: y + 15, "text-anchor": "end" }, name);
      return { bar, value, el: [label, bar, value] };
    });
    const svg = chart({}, bars.map((row) => row.el));
    const big = h("strong");
    const sentence = h("p");
    root.append(
      div("rx-panel", div("rx-top", months.el, button("Reset", reset)), prevents.el, harms.el),
      div("rx-grid", div("rx-card", svg), div("rx-card", h("p", { class: "rx-ratio" }, big), sentence)),
    );

    return function draw() {
      const month = clamp(model.get("month"), ...ends);
      months.set(month);
      prevents.set(model.get("prevents"));
      harms.set(model.get("harms"));
      const i = Math.max(0, data.months.findLastIndex((m) => m <= month));
      const found = weigh(data.waiting[i], data.failures[i], model.get("prevents"), model.get("harms"));
      const text = (x) => x.toFixed(data.decimals);
      const values = [found.treated, found.vain, found.prevented, found.harmed];
      bars.forEach(({ bar, value }, k) => {
        set(bar, { width: px(X(values[k]) - BARS.l) });
        set(value, { x: px(X(values[k])) + 6 });
        put(value, k < 2 ? String(values[k]) : text(values[k]));
      });
      put(
        big,
        found.each === null ? "nothing prevented" : `${found.each.toFixed(1)} harmed for each failure prevented`,
      );
      put(
        sentence,
        `At ${month} months ${found.treated} patients had no ${response} yet. Re-treating all of them would have treated ${found.vain} who had no failure later; ${data.failures[i]} did have one. Under these assumptions it prevents ${text(found.prevented)} ${failures} and harms ${text(found.harmed)} patients.`,
      );
      return () => {
        set(svg, { "aria-label": sentence.textContent });
        return `${big.textContent}. ${sentence.textContent}`;
      };
    };
  }
  return widget({ model, el, label: data.words.title, traits: ["month", "prevents", "harms"], build });
}

export default { render };
