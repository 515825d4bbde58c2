// The estimates of a class in one figure each, with the truth drawn in last.

import { button, KEEP_KEYS } from "./controls.js";
import { fromCode } from "./class_code.js";
import { div, h, put, s, set, show, uid } from "./dom.js";
import { linear, px } from "./plot.js";
import { widget } from "./shell.js";

const ROW = 12;
const LEFT = 20;
const RIGHT = 300;

// One point for each, sorted, with an interval where there is one.
function dots({ title, ticks, truth, log, place }, values) {
  const sorted = [...values].sort((a, b) => a[place] - b[place]);
  const scale = log ? Math.log : (x) => x;
  const X = linear(scale(ticks[0]), scale(ticks.at(-1)), LEFT, RIGHT);
  const at = (value) => px(Math.min(RIGHT + 10, Math.max(LEFT - 10, X(scale(value)))));
  const bottom = 30 + ROW * Math.max(3, sorted.length);
  const missed = log ? sorted.filter((one) => truth < one[place + 1] || truth > one[place + 2]).length : null;
  const line = s("line", { class: "rx-truth", x1: at(truth), x2: at(truth), y1: 22, y2: bottom });
  const svg = s(
    "svg",
    { viewBox: `0 0 320 ${bottom + 24}`, role: "img", "aria-label": `${title}: ${sorted.length} estimates` },
    s("text", { class: "rx-title", x: LEFT, y: 14 }, title),
    s("line", { class: "rx-tick", x1: LEFT, x2: RIGHT, y1: bottom, y2: bottom }),
    ticks.map((x) => [
      s("line", { class: "rx-tick", x1: at(x), x2: at(x), y1: bottom, y2: bottom + 4 }),
      s("text", { x: at(x), y: bottom + 17, "text-anchor": "middle" }, x),
    ]),
    sorted.map((one, k) => {
      const y = 30 + ROW * k;
      const limits = log
        ? s("line", { class: "rx-interval", x1: at(one[place + 1]), x2: at(one[place + 2]), y1: y, y2: y })
        : null;
      return [limits, s("circle", { class: "rx-dot-a", cx: at(one[place]), cy: y, r: 3.5 })];
    }),
    line,
  );
  return { svg, line, missed };
}

function render({ model, el }) {
  const data = model.get("_data");

  function build({ root, read, change }) {
    const [id, note] = [uid("codes"), uid("codes")];
    const oninput = () => change({ codes: area.value });
    const area = h("textarea", { id, rows: 8, spellcheck: false, "aria-describedby": note, ...KEEP_KEYS, oninput });
    const told = h("p", { role: "status" });
    const figures = div("rx-grid");
    const truth = button("Draw the truth in", () => change({ truth: true }));
    const said = h("p", { class: "rx-head", role: "status" });
    root.append(
      div(
        "rx-panel",
        h("label", { for: id }, "Codes, one on each line"),
        area,
        h("p", { id: note, class: "rx-note" }, "Or lines of a CSV file: number, both rates, ratio, its two limits."),
        told,
        h("p", {}, truth),
      ),
      figures,
      said,
    );
    return function draw() {
      const { codes, truth: drawn } = read();
      if (area.value !== codes) area.value = codes;
      const lines = codes.split("\n").filter((line) => line.trim());
      const values = new Map();
      const wrong = [];
      for (const line of lines) {
        const found = fromCode(line);
        if (found) values.set(found[0], found);
        else wrong.push(line.trim());
      }
      const all = [...values.values()];
      put(told, `${all.length} handed in${wrong.length ? `; not read, a digit is wrong: ${wrong.join(" ")}` : ""}`);
      const made = data.figures.map((figure) => dots(figure, all));
      figures.replaceChildren(...made.map(({ svg }) => div("rx-card", svg)));
      for (const { line } of made) set(line, { visibility: drawn ? "visible" : "hidden" });
      show(truth, !drawn);
      const { missed } = made.at(-1);
      put(
        said,
        drawn && all.length
          ? `${data.said} ${missed} of ${all.length} intervals miss it; about one in twenty should.`
          : "",
      );
      return () => `${told.textContent}. ${said.textContent}`;
    };
  }
  return widget({ model, el, label: "The estimates of the class", traits: ["codes", "truth"], build });
}

export default { render };
