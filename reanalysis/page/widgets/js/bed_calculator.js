// The linear-quadratic calculator: BED and EQD2 of any fractionation, beside the paper's regimens.

import { dropdown } from "./choices.js";
import { button, slider } from "./controls.js";
import { div, h, put, s, set, show, uid } from "./dom.js";
import { bed, eqd2, SCHEDULE } from "./dose.js";
import { inRange } from "./link.js";
import { axes, BOX, chart, clamp, linear, px } from "./plot.js";
import { widget } from "./shell.js";
import { scrolling, table } from "./table.js";
import { takeAlong } from "./take_along.js";
import { trim } from "./text.js";

function render({ model, el }) {
  const data = model.get("_data");
  const same = (state, [d, n]) => d === state.total_dose_gy && n === state.fractions;

  function build({ root, read, change, reset, live }) {
    const controls = {};
    for (const key of SCHEDULE)
      controls[key] = slider(data.numbers[key], (value) => change({ [key]: value }));
    const regimen = dropdown({
      label: "Regimen of the paper",
      options: [...data.regimens.map(([d, n]) => [`${d}/${n}`, `${d} Gy in ${n}`]), ["", "Another", true]],
      onchange: (value) => {
        const [d, n] = value.split("/").map(Number);
        change({ total_dose_gy: d, fractions: n });
      },
    });

    // BED against alpha/beta: one curve per regimen, and this one
    const [lo, hi] = data.numbers.alpha_beta.range;
    const box = { ...BOX, l: 38, r: 284 };
    const X = linear(lo, hi, box.l, box.r);
    const Y = linear(0, data.ticks.bed.at(-1), box.b, box.t);
    const curve = (dose, n) => {
      let d = "";
      for (let ab = lo; ab <= hi; ab += 0.5) d += `${d ? "L" : "M"}${px(X(ab))},${px(Y(bed(dose, n, ab)))}`;
      return d;
    };
    const clip = uid("clip");
    // Names at the right end, moved apart where the curves are too close for them.
    const names = data.regimens
      .map(([d, n]) => ({ text: `${d}/${n}`, y: Y(bed(d, n, hi)) }))
      .sort((a, b) => b.y - a.y);
    names.forEach((name, i) => {
      if (i) name.y = Math.min(name.y, names[i - 1].y - 11);
    });
    const mine = s("path", { class: "rx-line-a" });
    const rule = s("line", { class: "rx-rule", y1: box.t, y2: box.b });
    const dot = s("circle", { class: "rx-dot-a", r: 4 });
    const svg = chart(
      {},
      s(
        "clipPath",
        { id: clip },
        s("rect", { x: box.l, y: box.t, width: box.r - box.l, height: box.b - box.t }),
      ),
      axes(
        box,
        data.ticks.alpha_beta.map((x) => [X(x), x]),
        data.ticks.bed.map((y) => [Y(y), y]),
        "α/β, Gy",
        "BED, Gy",
      ),
      s(
        "g",
        { "clip-path": `url(#${clip})` },
        data.regimens.map(([d, n]) => s("path", { class: "rx-faint", d: curve(d, n) })),
        mine,
        rule,
        dot,
      ),
      names.map(({ text, y }) => s("text", { x: box.r + 4, y: px(y + 8) }, text)),
    );

    const big = h("strong");
    const formula = h("p", { class: "rx-formula" });
    const effect = h("p");
    const warning = h("p", { class: "rx-warning" });
    const rows = data.regimens.map(([d, n, printed]) => {
      const cells = [h("td"), h("td")];
      return { row: [`${d}\u00a0Gy\u00a0in\u00a0${n}`, trim(d / n, 2), ...cells, printed], cells, d, n };
    });
    const head = h("th", { scope: "col" });
    const caption = "The paper’s regimens";
    const regimens = table(
      caption,
      ["Regimen", "Gy per fraction", head, "EQD2, Gy", "BED as printed"],
      rows.map(({ row }) => row),
    );
    const words = () => {
      const { total_dose_gy: dose, fractions: n, alpha_beta: ab } = read();
      return [
        `${trim(dose, 2)} Gy in ${n} (blue), α/β ${trim(ab, 2)} Gy: BED ${trim(bed(dose, n, ab))} Gy, EQD2 ${trim(eqd2(dose, n, ab))} Gy`,
        "Grey: the paper’s regimens, total dose in Gy / fractions",
      ];
    };
    const numbers = () => {
      const { total_dose_gy: dose, fractions: n, alpha_beta: ab } = read();
      const row = (name, d, k) => [name, d, k, d / k, ab, bed(d, k, ab), eqd2(d, k, ab)];
      return [
        ["schedule", "total_dose_gy", "fractions", "gy_per_fraction", "alpha_beta_gy", "bed_gy", "eqd2_gy"],
        row("this", dose, n),
        ...data.regimens.map(([d, k]) => row("the paper’s", d, k)),
      ];
    };
    const files = takeAlong({
      model,
      root,
      live,
      read,
      change,
      valid: (key, value) => inRange(data.numbers[key], value),
      words,
      rows: numbers,
      charts: () => [[svg, "BED against α/β"]],
    });
    root.append(
      div(
        "rx-panel",
        div("rx-top", regimen.el, button("Reset", reset)),
        div(
          "rx-controls",
          Object.values(controls).map((c) => c.el),
        ),
      ),
      div(
        "rx-grid",
        div("rx-card", h("p", { class: "rx-ratio" }, big), formula, effect, svg),
        div(
          "rx-card",
          scrolling(caption, regimens),
          warning,
        ),
      ),
      files.el,
    );

    return function draw() {
      const state = read();
      const { total_dose_gy: dose, fractions: n, alpha_beta: ab } = state;
      for (const key of SCHEDULE) controls[key].set(state[key]);
      const known = data.regimens.find((r) => same(state, r));
      regimen.set(known ? `${known[0]}/${known[1]}` : "");
      const value = bed(dose, n, ab);
      put(big, `BED ${trim(value)} Gy`);
      put(
        formula,
        `${trim(dose, 2)} × (1 + ${trim(dose / n, 2)} / ${trim(ab, 2)}), ${n} fraction${n === 1 ? "" : "s"} of ${trim(dose / n, 2)} Gy`,
      );
      put(effect, `The same effect in fractions of 2 Gy would take ${trim(eqd2(dose, n, ab))} Gy (EQD2).`);
      files.draw();
      put(head, `BED, Gy, at α/β ${trim(ab)}`);
      for (const { cells, d, n: k } of rows) {
        put(cells[0], bed(d, k, ab).toFixed(1));
        put(cells[1], eqd2(d, k, ab).toFixed(1));
        set(cells[0].parentNode, { class: same(state, [d, k]) ? "rx-current" : "" });
      }
      set(mine, { d: curve(dose, n) });
      const x = px(X(clamp(ab, lo, hi)));
      set(rule, { x1: x, x2: x });
      set(dot, { cx: x, cy: px(Y(value)) });
      put(
        warning,
        dose / n > 10
          ? "Above about 10 Gy a fraction it is disputed whether the linear-quadratic model holds: it may say too much."
          : "",
      );
      show(warning, warning.textContent !== "");
      return () => {
        set(svg, {
          "aria-label": `BED against α/β, one curve for each regimen of the paper and one for ${trim(dose, 2)} Gy in ${n}: ${trim(value)} Gy at α/β ${trim(ab)}.`,
        });
        return `BED ${trim(value)} Gy, EQD2 ${trim(eqd2(dose, n, ab))} Gy. ${warning.textContent}`;
      };
    };
  }
  return widget({ model, el, label: "BED calculator", traits: SCHEDULE, build });
}

export default { render };
