// Patients through time: the share of each state, and one bar a patient, with one line over both.

import { dropdown } from "./choices.js";
import { button, KEEP_KEYS, slider } from "./controls.js";
import { div, h, put, s, set } from "./dom.js";
import { inRange } from "./link.js";
import { axes, BOX, chart, linear, multiples, px } from "./plot.js";
import { widget } from "./shell.js";
import { keyOfCourses, swimmer } from "./swimmer.js";
import { scrolling, table } from "./table.js";
import { takeAlong } from "./take_along.js";
import { trim } from "./text.js";

const area = (months, lower, upper, end, X, Y) => {
  let d = `M${px(X(0))},${px(Y(upper[0]))}`;
  months.forEach((m, i) => i && (d += `H${px(X(m))}V${px(Y(upper[i]))}`));
  d += `H${px(X(end))}V${px(Y(lower.at(-1)))}`;
  for (let i = months.length - 1; i > 0; i--) d += `H${px(X(months[i]))}V${px(Y(lower[i - 1]))}`;
  return `${d}H${px(X(0))}Z`;
};

const within = (value, group) =>
  !group || (value != null && value > group[1] && (group[2] == null || value <= group[2]));

function render({ model, el }) {
  const data = model.get("_data");
  const { words, months, states, shares, columns } = data;
  const orders = Object.fromEntries(data.orders);
  const patients = (data.patients.patient ?? []).map((_, i) =>
    Object.fromEntries(columns.map((name) => [name, data.patients[name][i]])),
  );
  const last = months.at(-1);
  const at = (month) => months.findLastIndex((m) => m <= month);
  const percent = (i, state) => (100 * shares[state][i]).toFixed(data.decimals);

  function build({ root, read, change, reset, live }) {
    const step = data.decimals ? 0.5 : 1;
    const spec = {
      label: "Month",
      range: [0, last],
      step,
      text: (x) => `${trim(x)} month${x === 1 ? "" : "s"}`,
    };
    const when = slider(spec, (month) => change({ month }));
    const X = linear(0, last, BOX.l, BOX.r);
    const Y = linear(0, 1, BOX.b, BOX.t);
    const rule = s("line", { class: "rx-rule", y1: BOX.t, y2: BOX.b });
    let below = months.map(() => 0);
    const areas = states.map((_, k) => {
      const above = below.map((b, i) => b + shares[k][i]);
      const path = s("path", { class: `rx-state-${k}`, d: area(months, below, above, last, X, Y) });
      below = above;
      return path;
    });
    const stacked = chart(
      {},
      areas,
      axes(
        BOX,
        multiples(last > 24 ? 12 : 3, last).map((x) => [X(x), x]),
        multiples(25, 100).map((y) => [Y(y / 100), y]),
        data.time,
        words.occupancy,
        false,
      ),
      rule,
    );
    const values = states.map(() => h("strong"));
    const key = h(
      "p",
      { class: "rx-legend" },
      states.map((state, k) =>
        h("span", { class: `rx-swatch rx-state-${k}` }, `${state} `, values[k]),
      ),
    );

    // --- one bar a patient
    const chosen = { size: "", bed: "", response: "", order: "end" };
    const pick = (label, name, options) => {
      const onchange = (value) => {
        chosen[name] = value;
        drawCourses();
      };
      return dropdown({ label, options, onchange });
    };
    const every = ["", "all"];
    const group = (name) => [every, ...data.filters[name].map(([text], i) => [String(i), text])];
    const filters = [
      pick(words.size, "size", group("size")),
      pick(words.bed, "bed", group("bed")),
      pick(words.response, "response", [every, ...data.filters.response.map((r) => [r, r])]),
      pick("Sorted by", "order", data.orders),
    ];
    const swum = swimmer(last, data.time);
    const shown = h("p");
    const list = div("rx-list");
    const details = h("details", { ontoggle: () => details.open && fillTable() }, h("summary", KEEP_KEYS, "The same as a table"), list);
    let rows = patients;
    const among = () => {
      const { size, bed, response, order } = chosen;
      const kept = patients.filter(
        (p) =>
          within(p.size, data.filters.size[size]) &&
          within(p.bed, data.filters.bed[bed]) &&
          (!response || p.response === response),
      );
      const rank = (p) => p[order] ?? Infinity;
      return kept.sort((p, q) => rank(p) - rank(q) || p.end - q.end);
    };
    const cell = (value) => (value === true ? "yes" : value === false ? "no" : (value ?? "–"));
    const fillTable = () =>
      list.replaceChildren(
        scrolling(
          `${words.swimmer}, as a table`,
          table(
            `${rows.length} ${words.people}`,
            columns.map((c) => words[c]),
            rows.map((p) => columns.map((c) => String(cell(p[c])))),
          ),
        ),
      );
    const drawCourses = () => {
      rows = among();
      swum.draw(rows);
      put(shown, `${rows.length} of ${patients.length} ${words.people}. Sorted by: ${orders[chosen.order]}`);
      if (details.open) fillTable();
      live.say(() => shown.textContent);
    };

    const files = takeAlong({
      model,
      root,
      live,
      read,
      change,
      valid: (_, value) => inRange(spec, value),
      words: () => [`At ${trim(read().month)} months`, states.map((state, k) => `${state} ${values[k].textContent}`).join("; ")],
      rows: () => [
        ["month", ...states.map((state) => `${state.toLowerCase().replaceAll(" ", "_")}_percent`)],
        ...months.map((month, i) => [month, ...states.map((_, k) => Number(percent(i, k)))]),
      ],
      charts: () => [[stacked, words.title]],
    });
    root.append(
      div("rx-panel", div("rx-top", when.el, button("Reset", reset))),
      div("rx-card rx-through", stacked, key),
    );
    if (patients.length) {
      root.append(
        div(
          "rx-card",
          div("rx-filters", filters.map((filter) => filter.el)),
          shown,
          keyOfCourses(states, words),
          h(
            "div",
            { class: "rx-swim", tabindex: 0, role: "region", "aria-label": words.swimmer },
            swum.svg,
            swum.axis,
          ),
          details,
        ),
      );
      drawCourses();
    }
    root.append(files.el);

    return function draw() {
      const month = model.get("month");
      when.set(month);
      const i = at(month);
      states.forEach((_, k) => put(values[k], `${percent(i, k)} %`));
      const x = px(X(month));
      set(rule, { x1: x, x2: x });
      swum.at(month);
      files.draw();
      return () => {
        const said = states.map((state, k) => `${state} ${percent(i, k)} %`).join(", ");
        set(stacked, { "aria-label": `Patients by state. At ${trim(month)} months: ${said}.` });
        return `At ${trim(month)} months: ${said}.`;
      };
    };
  }
  return widget({ model, el, label: words.title, traits: ["month"], build });
}

export default { render };
