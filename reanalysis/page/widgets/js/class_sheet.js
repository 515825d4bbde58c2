// One resident's cohort: its curves, its model, and the estimates to hand in.

import { button, KEEP_KEYS } from "./controls.js";
import { toCode } from "./class_code.js";
import { startOf } from "./curve_point.js";
import { div, h, put, s, uid } from "./dom.js";
import { download } from "./download.js";
import { parseNumber } from "./grading.js";
import { axes, BOX, chart, linear, multiples } from "./plot.js";
import { widget } from "./shell.js";
import { steps } from "./steps.js";
import { scrolling, table } from "./table.js";

const END = 60; // months

function curveCard({ title, times, values }, data) {
  // From a round number below the curve, so that a resident can read it to half a percent
  const low = Math.max(0, 10 * Math.floor(Math.min(...values) / 10) - 10);
  const step = low < 70 ? 10 : 5;
  const X = linear(0, END, BOX.l, BOX.r);
  const Y = linear(low, 100, BOX.b, BOX.t);
  const month = X(data.month);
  return div(
    "rx-card",
    chart(
      { "aria-label": `${title} of this cohort, in percent over ${END} months` },
      axes(
        BOX,
        multiples(12, END).map((x) => [X(x), x]),
        multiples(step, 100).filter((y) => y >= low).map((y) => [Y(y), y]),
        data.time,
        `${title}, %`,
      ),
      s("line", { class: "rx-rule", x1: month, x2: month, y1: BOX.t, y2: BOX.b }),
      s("path", { class: "rx-line-a", d: steps(times, values, END, X, Y, startOf(values)) }),
    ),
  );
}

function render({ model, el }) {
  const data = model.get("_data");

  function build({ root }) {
    const fields = data.fields.map((label) => {
      const id = uid("field");
      const input = h("input", { id, type: "text", inputmode: "decimal", autocomplete: "off", ...KEEP_KEYS });
      return { input, el: div("rx-number", h("label", { for: id }, label), input) };
    });
    const code = h("output", { class: "rx-code" });
    const submit = (event) => {
      event.preventDefault();
      const values = fields.map(({ input }) => parseNumber(input.value, "%"));
      const blank = values.findIndex((value) => value == null || value < 0);
      put(code, blank < 0 ? `Hand in: ${toCode([data.number, ...values])}` : `Fill in: ${data.fields[blank]}`);
      if (blank >= 0) fields[blank].input.focus();
    };
    const save = () => download(data.file, new Blob([data.csv], { type: "text/csv" }));
    root.append(
      h("p", {}, data.intro),
      div("rx-grid", data.curves.map((curve) => curveCard(curve, data))),
      scrolling(data.model.title, table(data.model.title, data.model.columns, data.model.rows)),
      h(
        "form",
        { class: "rx-panel", onsubmit: submit },
        fields.map((field) => field.el),
        h("p", { class: "rx-buttons" }, h("button", { type: "submit" }, "Make my code")),
        code,
      ),
      div("rx-files", button("Save my cohort (CSV)", save)),
    );
    return () => () => "";
  }
  return widget({ model, el, label: data.title, traits: [], build });
}

export default { render };
