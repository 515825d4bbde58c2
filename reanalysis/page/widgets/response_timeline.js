// Fig. 2 with a decision on it: who would a decision at some month have called a non-responder?

function render({ model, el }) {
  const data = model.get("_data");
  const last = data.months.at(-1);
  const seenAt = (month) => data.months.findLastIndex((m) => m <= month);

  function build({ root, read, change, reset, live }) {
    const months = slider({
      label: "Decide at",
      min: 1,
      max: last,
      step: 0.5,
      text: (x) => `${trim(x)} month${x === 1 ? "" : "s"}`,
      oninput: (month) => change({ month }),
    });
    const box = { l: 34, r: 312, t: 22, b: 176 };
    const X = linear(0, last, box.l, box.r);
    const Y = linear(0, data.ever, box.b, box.t);
    const path = steps(data.months, data.reached, last, X, Y, 0);
    const clip = uid("clip");
    const seen = s("rect", { y: 0, height: 212, x: 0 });
    const rule = s("line", { class: "rx-rule", y1: box.t, y2: box.b });
    const dot = s("circle", { class: "rx-dot-a", r: 4 });
    const ticks = Array.from({ length: Math.floor(last / 3) + 1 }, (_, i) => 3 * i);
    const svg = s(
      "svg",
      { viewBox: "0 0 320 212", role: "img" },
      s("clipPath", { id: clip }, seen),
      axes(
        box,
        ticks.map((x) => [X(x), x]),
        [0, 25, 50, 75, 100].map((y) => [Y((y * data.ever) / 100), y]),
        "Months after SBRT",
        "CR seen, % of those who ever reached it",
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
    const people = Array.from({ length: 100 }, (_, i) =>
      s("path", {
        d: PERSON,
        transform: `translate(${90 + 13.6 * (i % 10)},${24 + 18 * Math.floor(i / 10)})`,
      }),
    );
    const array = s(
      "svg",
      { viewBox: "0 0 320 212", role: "img" },
      s("text", { class: "rx-title", x: 90, y: 13 }, "Of 100 patients"),
      people,
    );
    const key = h(
      "p",
      { class: "rx-legend" },
      ["CR by then", "CR later", "never CR"].map((text, i) =>
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
      valid: (key, value) => inRange({ month: [1, last] }, key, value),
      words: () => [
        `${big.textContent}: ${share.textContent}`,
        sentence.textContent,
        "Dark: CR by then; orange: CR later; pale: never CR",
      ],
      rows: () => [
        ["month", "cr_by_then", "cr_later", "never_cr", "local_failures_by_then", "chosen"],
        ...data.months.map((month, i) => [
          month,
          ...parts(i),
          data.failed?.[i],
          i === seenAt(read().month) ? "yes" : "",
        ]),
      ],
      charts: () => [
        [svg, "Complete responses seen by each month"],
        [array, `Decision at ${trim(read().month)} months`],
      ],
    });
    root.append(
      h("div", { class: "rx-panel" }, h("div", { class: "rx-top" }, months.el, button("Reset", reset))),
      h(
        "div",
        { class: "rx-grid" },
        h("div", { class: "rx-card" }, h("p", { class: "rx-ratio" }, big, share), svg),
        h("div", { class: "rx-card" }, array, key),
      ),
      h("div", { class: "rx-card" }, sentence, cost),
      files.el,
    );

    return function draw() {
      const month = model.get("month");
      months.set(month);
      const i = seenAt(month);
      const counts = parts(i);
      const [by, missed, never] = counts;
      put(big, `${missed} missed`);
      put(share, `${((100 * missed) / data.ever).toFixed(1)} % of the ${data.ever} that ever reached CR`);
      put(
        sentence,
        `At ${trim(month)} months CR had been seen in ${by} of ${data.ever} (${((100 * by) / data.ever).toFixed(1)} %). A decision then would have counted ${missed + never} patients as non-responders, of whom ${missed} reached CR later and ${never} never did.`,
      );
      put(
        cost,
        data.failed
          ? `Local failures by then: ${i < 0 ? 0 : data.failed[i]} of ${data.failures}. Waiting costs what happens in the meantime, and this count is all that the cohort can say about it.`
          : "",
      );
      // Whole people that add up to 100: the largest remainders are rounded up.
      const exact = counts.map((count) => (100 * count) / data.n);
      const whole = exact.map(Math.floor);
      const order = [0, 1, 2].sort((a, b) => exact[b] - whole[b] - exact[a] + whole[a]);
      for (let k = 0; whole[0] + whole[1] + whole[2] < 100; k++) whole[order[k]]++;
      people.forEach((person, k) =>
        set(person, "class", k < whole[0] ? "rx-free-a" : k < whole[0] + whole[1] ? "rx-later" : "rx-event"),
      );
      const x = px(X(month));
      set(seen, "width", x);
      set(rule, "x1", x);
      set(rule, "x2", x);
      set(dot, "cx", x);
      set(dot, "cy", px(Y(by)));
      files.draw();
      return () => {
        set(
          svg,
          "aria-label",
          `Share of complete responses seen by each month, rising to ${((100 * by) / data.ever).toFixed(1)} % at ${trim(month)} months.`,
        );
        set(
          array,
          "aria-label",
          `Of 100 patients ${whole[0]} had CR by ${trim(month)} months, ${whole[1]} reached it later, ${whole[2]} never.`,
        );
        return `${sentence.textContent} ${cost.textContent}`;
      };
    };
  }
  return widget({ model, el, label: "Month of decision on Fig. 2", traits: ["month"], build });
}

export default { render };
