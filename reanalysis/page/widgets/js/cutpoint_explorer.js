// Kaplan-Meier curves of two groups that a cut-point makes, and what searching for one does to p.

import { button, slider } from "./controls.js";
import { differenceText, ratioText } from "./cutpoint_words.js";
import { div, h, put, s, set, show } from "./dom.js";
import { inRange } from "./link.js";
import { axes, BOX, chart, linear, px } from "./plot.js";
import { widget } from "./shell.js";
import { ribbon, steps } from "./steps.js";
import { survivalPlot } from "./survival_plot.js";
import { scrolling, table } from "./table.js";
import { takeAlong } from "./take_along.js";
import { list, measure, percent, rate, ratio } from "./text.js";

const pText = (p) => (p < 0.001 ? "p < 0.001" : `p = ${p.toFixed(3)}`);

function render({ model, el }) {
  const data = model.get("_data");
  const cuts = data.cuts;

  function build({ root, read, change, reset, live }) {
    const spec = {
      label: `Cut-point of ${data.label.toLowerCase()}`,
      range: [cuts[0].cut, cuts.at(-1).cut],
      step: data.step,
      digits: data.step % 1 ? 1 : 0,
      unit: data.unit,
    };
    const value = (c) => measure(spec, c);
    const control = slider(spec, (cut) => change({ cut: Math.round(cut * 1e6) / 1e6 }));
    const { X, Y, frame } = survivalPlot(data.end, data.time, data.title);
    const lines = ["b", "a"].map((key) => s("path", { class: `rx-line-${key}` }));
    const bands = ["b", "a"].map((key) => s("path", { class: `rx-band-${key}` }));
    const svg = chart({}, frame, bands, lines);

    // p of every cut-point: the search, in the open
    const XP = linear(...spec.range, BOX.l, BOX.r);
    const floor = Math.min(0.001, ...cuts.map((c) => c.p));
    const decades = Math.min(12, Math.ceil(-Math.log10(floor)));
    const YP = linear(-decades, 0, BOX.b, BOX.t);
    const height = (p) => YP(Math.max(-decades, Math.log10(p)));
    const pTicks = Array.from({ length: decades + 1 }, (_, i) => i).filter(
      (i) => decades <= 5 || i % 2 === 0,
    );
    const here = s("circle", { class: "rx-dot-a", r: 5 });
    const [first, last] = spec.range;
    const apart = [0.5, 1, 2, 5, 10, 20, 50].find((step) => (last - first) / step <= 8);
    const xs = Array.from({ length: 9 }, (_, i) => apart * (Math.ceil(first / apart) + i)).filter(
      (x) => x <= last,
    );
    const search = chart(
      {},
      axes(
        BOX,
        xs.map((x) => [XP(x), x]),
        pTicks.map((i) => [YP(-i), i ? `10⁻${[..."⁰¹²³⁴⁵⁶⁷⁸⁹"][i] ?? ""}` : "1"]),
        `Cut-point, ${data.unit}`,
        "Log-rank p",
      ),
      s("line", { class: "rx-contour", x1: BOX.l, x2: BOX.r, y1: px(height(0.05)), y2: px(height(0.05)) }),
      s("text", { x: BOX.r, y: px(height(0.05) - 4), "text-anchor": "end" }, "0.05"),
      cuts.map((c) => s("circle", { class: "rx-people", r: 3, cx: px(XP(c.cut)), cy: px(height(c.p)) })),
      here,
    );

    const big = h("strong");
    const interval = h("span", { class: "rx-ci" });
    const points = h("p");
    const p = h("p");
    const cells = [0, 1].map(() => Array.from({ length: 4 }, () => h("td")));
    const names = [h("th", { scope: "row" }), h("th", { scope: "row" })];
    const caption = "The two groups";
    const groupTable = table(
      caption,
      [
        data.label,
        "Patients",
        "Events",
        `At risk at ${list(data.risk.map(String))} months`,
        `${data.title} at ${data.month} months, % (95 % CI)`,
      ],
      [0, 1].map((g) => [names[g], ...cells[g]]),
    );
    const key = [0, 1].map((g) => h("span", { class: g ? "rx-key rx-key-a" : "rx-key rx-key-b" }));
    const chosen = () => {
      const { cut } = read();
      return cuts.reduce((best, c) => (Math.abs(c.cut - cut) < Math.abs(best.cut - cut) ? c : best));
    };
    const groupNames = (c) => [`≤ ${value(c.cut)}`, `> ${value(c.cut)}`];
    const numbers = () => {
      const rows = [
        ["quantity", "cut_point", "group", "month", "patients", "events", "estimate", "lower_95", "upper_95"],
      ];
      for (const c of cuts) {
        rows.push(["log-rank p", c.cut, "", "", c.n[0] + c.n[1], c.d[0] + c.d[1], c.p]);
        rows.push(["hazard ratio, above against up to", c.cut, "", "", c.n[0] + c.n[1], c.d[0] + c.d[1], ...c.hr]);
        groupNames(c).forEach((name, g) =>
          rows.push([`${data.title} at month`, c.cut, name, data.month, c.n[g], c.d[g], ...c.rate[g]]),
        );
      }
      const c = chosen();
      groupNames(c).forEach((name, g) =>
        data.t.forEach((t, i) =>
          rows.push(
            [`${data.title}, step of the curve`, c.cut, name, t].concat(
              [c.n, c.d].map((count) => count[g]),
              [c.S, c.L, c.U].map((curve) => curve[g][i]),
            ),
          ),
        ),
      );
      // Rows of one length
      return rows.map((row) => [...row, ...Array(rows[0].length - row.length).fill("")]);
    };
    const files = takeAlong({
      model,
      root,
      live,
      read,
      change,
      valid: (_, cut) => inRange(spec, cut),
      words: () => [
        `${data.title} by ${data.label.toLowerCase()}: ${key[1].textContent} (solid); ${key[0].textContent} (dashed); hazard ratio ${ratioText(chosen())}; ${pText(chosen().p)}`,
        data.warning,
      ],
      rows: numbers,
      charts: () => [
        [svg, `${data.title} on either side of ${value(chosen().cut)}`],
        [search, "The same test at every cut-point"],
      ],
    });
    const panel = div(
      "rx-panel",
      div("rx-top", control.el, button("Reset", reset)),
    );
    // With one cut-point there is nothing to move
    show(panel, cuts.length > 1);
    root.append(
      panel,
      div(
        "rx-grid",
        div(
          "rx-card",
          h("p", { class: "rx-ratio" }, h("span", { class: "rx-head" }, `Hazard of ${data.event}, above the cut-point`), big, interval),
          points,
          p,
          h("p", { class: "rx-legend" }, key),
          svg,
        ),
        div(
          "rx-card",
          h("p", { class: "rx-head" }, "The same test at every cut-point"),
          search,
          h("p", { class: "rx-warning" }, data.warning),
        ),
      ),
      scrolling(caption, groupTable),
      files.el,
    );

    return function draw() {
      const c = chosen();
      control.set(read().cut);
      put(big, c.hr[0] === null ? "no estimate" : `× ${ratio(c.hr[0])}`);
      put(interval, c.hr[0] === null ? "" : `95 % CI ${ratio(c.hr[1])} to ${ratio(c.hr[2])}`);
      put(points, differenceText(data, c));
      put(p, `Log-rank ${pText(c.p)}`);
      const groups = groupNames(c);
      groups.forEach((name, g) => {
        put(names[g], name);
        put(key[g], `${name}: ${c.n[g]} patients`);
        [c.n[g], c.d[g], list(c.risk[g].map(String)), rate(...c.rate[g])].forEach((item, i) =>
          put(cells[g][i], String(item)),
        );
        const end = Math.min(c.end[g], data.end);
        set(lines[g], { d: steps(data.t, c.S[g], end, X, Y) });
        set(bands[g], { d: ribbon(data.t, c.L[g], c.U[g], end, X, Y) });
      });
      set(here, { cx: px(XP(c.cut)), cy: px(height(c.p)) });
      files.draw();
      return () => {
        const rates = groups
          .map((name, g) => `${name} ${c.rate[g][0] === null ? "not observed" : percent(c.rate[g][0])}`)
          .join(", ");
        set(svg, {
          "aria-label": `Kaplan-Meier curves of ${data.title.toLowerCase()} by ${data.label.toLowerCase()}. At ${data.month} months: ${rates}.`,
        });
        set(search, { "aria-label": `Log-rank p at each of ${cuts.length} cut-points. ${data.warning}` });
        return `Cut-point ${value(c.cut)}: hazard ratio ${ratioText(c)}, log-rank ${pText(c.p)}. ${data.title} at ${data.month} months: ${rates}.`;
      };
    };
  }
  return widget({ model, el, label: "Cut-point explorer", traits: ["cut"], build });
}

export default { render };
