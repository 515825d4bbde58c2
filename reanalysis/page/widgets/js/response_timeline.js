// Cumulative response with a decision on it: who would a decision at some month have called a
// non-responder?

import { button, slider } from "./controls.js";
import { div, h, put, s, set, uid } from "./dom.js";
import { inRange } from "./link.js";
import { ofHundred, tenByTen } from "./people.js";
import { axes, BOX, chart, linear, multiples, px } from "./plot.js";
import { widget } from "./shell.js";
import { steps } from "./steps.js";
import { takeAlong } from "./take_along.js";
import { capital, trim } from "./text.js";

const columnName = (text) => text.toLowerCase().replaceAll(" ", "_");

function render({ model, el }) {
  const data = model.get("_data");
  const last = data.months.at(-1);
  const { response, failures } = data.words;
  const seenAt = (month) => data.months.findLastIndex((m) => m <= month);

  function build({ root, read, change, reset, live }) {
    const spec = {
      label: "Decide at",
      range: [1, last],
      step: 0.5,
      text: (x) => `${trim(x)} month${x === 1 ? "" : "s"}`,
    };
    const months = slider(spec, (month) => change({ month }));
    const X = linear(0, last, BOX.l, BOX.r);
    const Y = linear(0, data.ever, BOX.b, BOX.t);
    const path = steps(data.months, data.reached, last, X, Y, 0);
    const clip = uid("clip");
    const seen = s("rect", { y: 0, height: 212, x: 0 });
    const rule = s("line", { class: "rx-rule", y1: BOX.t, y2: BOX.b });
    const dot = s("circle", { class: "rx-dot-a", r: 4 });
    const svg = chart(
      {},
      s("clipPath", { id: clip }, seen),
      axes(
        BOX,
        multiples(3, last).map((x) => [X(x), x]),
        multiples(25, 100).map((y) => [Y((y * data.ever) / 100), y]),
        data.time,
        `${response} seen, % of those who ever reached it`,
      ),
      s("path", { class: "rx-faint", d: path }),
      s("path", { class: "rx-line-a", d: path, "clip-path": `url(#${clip})` }),
      rule,
      dot,
    );

    const big = h("strong");
    const share = h("span");
    const sentence = h("p");
    const cost = h("p");
    const people = tenByTen(90);
    const array = chart({}, s("text", { class: "rx-title", x: 90, y: 13 }, "Of 100 patients"), people);
    const groups = [`${response} by then`, `${response} later`, `never ${response}`];
    const key = h(
      "p",
      { class: "rx-legend" },
      groups.map((text, i) =>
        h("span", { class: `rx-swatch rx-swatch-${i}` }, text),
      ),
    );
    const parts = (i) => {
      const by = i < 0 ? 0 : data.reached[i];
      return [by, data.ever - by, data.n - data.ever];
    };
    const files = takeAlong({
      model,
      root,
      live,
      read,
      change,
      valid: (_, value) => inRange(spec, value),
      words: () => [
        `${big.textContent}: ${share.textContent}`,
        sentence.textContent,
        groups.map((text, i) => `${["Dark", "orange", "pale"][i]}: ${text}`).join("; "),
      ],
      rows: () => [
        ["month", ...[...groups, `${failures} by then`].map(columnName), "chosen"],
        ...data.months.map((month, i) => [
          month,
          ...parts(i),
          data.failed?.[i],
          i === seenAt(read().month) ? "yes" : "",
        ]),
      ],
      charts: () => [
        [svg, `${capital(data.words.responses)} seen by each month`],
        [array, `Decision at ${trim(read().month)} months`],
      ],
    });
    root.append(
      div("rx-panel", div("rx-top", months.el, button("Reset", reset))),
      div(
        "rx-grid",
        div("rx-card", h("p", { class: "rx-ratio" }, big, share), svg),
        div("rx-card", array, key),
      ),
      div("rx-card", sentence, cost),
      files.el,
    );

    return function draw() {
      const month = model.get("month");
      months.set(month);
      const i = seenAt(month);
      const counts = parts(i);
      const [by, missed, never] = counts;
      put(big, String(missed));
      put(
        share,
        `would have been re-treated too early: ${((100 * missed) / data.ever).toFixed(1)}\u00a0% of the ${data.ever} that ever reached ${response}`,
      );
      const gone = data.gone?.[i];
      const still = missed + never - gone;
      put(
        sentence,
        `At ${trim(month)} months ${response} had been seen in ${by} of ${data.ever} (${((100 * by) / data.ever).toFixed(1)} %). A decision then would have counted ${missed + never} as non-responders: ${missed} reached ${response} later, ${never} never did.${gone ? ` ${gone} of the ${missed + never} had died or left by then, so that ${still} were still there to be treated.` : ""}`,
      );
      put(
        cost,
        data.failed
          ? `${capital(failures)} by then: ${i < 0 ? 0 : data.failed[i]} of ${data.failures}. Waiting costs what happens in the meantime, and this count is all that the cohort can say about it.`
          : "",
      );
      const whole = ofHundred(counts);
      people.forEach((person, k) =>
        set(person, {
          class: k < whole[0] ? "rx-free-a" : k < whole[0] + whole[1] ? "rx-later" : "rx-event",
        }),
      );
      const x = px(X(month));
      set(seen, { width: x });
      set(rule, { x1: x, x2: x });
      set(dot, { cx: x, cy: px(Y(by)) });
      files.draw();
      return () => {
        set(svg, {
          "aria-label": `Share of ${data.words.responses} seen by each month, rising to ${((100 * by) / data.ever).toFixed(1)} % at ${trim(month)} months.`,
        });
        set(array, {
          "aria-label": `Of 100 patients ${whole[0]} had ${response} by ${trim(month)} months, ${whole[1]} reached it later, ${whole[2]} never.`,
        });
        return `${sentence.textContent} ${cost.textContent}`;
      };
    };
  }
  return widget({ model, el, label: data.words.title, traits: ["month"], build });
}

export default { render };
