// The explorer at a glance: one slider, the ratios of the outcomes, and the effect of size.

import { KEEP_KEYS, slider } from "./controls.js";
import { div, h, put, set } from "./dom.js";
import { effectChart, spanOf } from "./effect_chart.js";
import { effect } from "./hazard_model.js";
import { toHash } from "./link.js";
import { widget } from "./shell.js";
import { measure, ratio } from "./text.js";

const LOW = 150;

function render({ model, el }) {
  const data = model.get("_data");
  const key = data.keys.size;
  const spec = data.numbers[key];
  const [first] = data.order;

  function build({ root, read, change }) {
    const move = (value) => change({ [key]: Math.round(value * 10) / 10 });
    const control = slider(spec, move);
    const numbers = data.order.map((outcome) => ({
      outcome,
      big: h("strong"),
      interval: h("span", { class: "rx-ci" }),
    }));
    // The lower one is for a phone, whose first screen has more to show.
    const charts = [undefined, LOW].map((height) => effectChart(data, key, move, height));
    const words = h("p", { class: "rx-note" });
    const more = model.page ? h("a", { ...KEEP_KEYS }, data.more) : h("span");
    const ratios = numbers.map(({ outcome, big, interval }) =>
      h("p", { class: "rx-ratio" }, h("span", { class: "rx-head" }, data.outcomes[outcome].title), big, interval),
    );
    root.append(
      div(
        "rx-glance",
        div("rx-card", control.el, div("rx-pair", ratios)),
        div("rx-card rx-glance-chart", charts.map(({ svg }) => svg)),
        div("rx-card", words, h("p", {}, more)),
      ),
    );
    return function draw() {
      const size = read()[key];
      const state = { [key]: size, reference: data.reference };
      const apart = { [key]: size - data.reference[key] };
      control.set(size);
      const said = numbers.map(({ outcome, big, interval }) => {
        const { hr, lower, upper } = effect(data.models[outcome], apart);
        put(big, `× ${ratio(hr)}`);
        put(interval, `95 % CI ${ratio(lower)} to ${ratio(upper)}`);
        return `${data.outcomes[outcome].title}: ${ratio(hr)}, from ${ratio(lower)} to ${ratio(upper)}`;
      });
      const m = data.models[first];
      const span = spanOf(data, m, [key], data.reference);
      for (const chart of charts) chart.draw(m, state, span, data.outcomes[first].event);
      put(words, `${data.words} ${measure(spec, data.reference[key])}.`);
      if (model.page)
        set(more, {
          href: `${data.page}${toHash("explorer", { [key]: size, [`ref.${key}`]: data.reference[key] })}`,
        });
      return () => {
        const label = `${data.outcomes[first].title} against ${spec.label.toLowerCase()}. ${said[0]}.`;
        for (const { svg } of charts) set(svg, { "aria-label": label });
        return `${said.join(". ")}.`;
      };
    };
  }
  return widget({ model, el, label: data.title, traits: [key], build });
}

export default { render };
