// What the explorer draws. Each function makes an SVG once and returns it with a `draw` that only
// moves what has changed.

// Survival curves of both patients; returns the figure and a function that redraws it.
function curveChart(title, end) {
  const box = { l: 34, r: 312, t: 22, b: 176 };
  const X = linear(0, end, box.l, box.r);
  const Y = linear(0, 1, box.b, box.t);
  const ticks = [];
  for (let t = 0; t <= end; t += 12) ticks.push([X(t), t]);
  const path = (name) => s("path", { class: name });
  const parts = {
    bandB: path("rx-band-b"),
    bandA: path("rx-band-a"),
    b: path("rx-line-b"),
    a: path("rx-line-a"),
  };
  const rule = s("line", { class: "rx-rule", y1: box.t, y2: box.b });
  const dots = { b: s("circle", { class: "rx-dot-b", r: 3.5 }), a: s("circle", { class: "rx-dot-a", r: 4 }) };
  const svg = s(
    "svg",
    { viewBox: "0 0 320 212", role: "img" },
    axes(
      box,
      ticks,
      [0, 0.25, 0.5, 0.75, 1].map((y) => [Y(y), 100 * y]),
      "Months after SBRT",
      `${title}, %`,
    ),
    Object.values(parts),
    rule,
    Object.values(dots),
  );
  let drawn;
  return {
    svg,
    draw(result, month) {
      const { patient: a, reference: b } = result;
      if (b !== drawn) {
        drawn = b;
        set(parts.bandB, "d", ribbon(b.t, b.lower, b.upper, end, X, Y));
        set(parts.b, "d", steps(b.t, b.survival, end, X, Y));
      }
      set(parts.bandA, "d", ribbon(a.t, a.lower, a.upper, end, X, Y));
      set(parts.a, "d", steps(a.t, a.survival, end, X, Y));
      const x = px(X(Math.min(month, end)));
      set(rule, "x1", x);
      set(rule, "x2", x);
      for (const [key, curve] of [
        ["a", a],
        ["b", b],
      ]) {
        set(dots[key], "cx", x);
        set(dots[key], "cy", px(Y(stepAt(curve.t, curve.survival, month))));
      }
    },
  };
}

// The hazard ratio and its interval on a log scale; arrows where the scale ends first.
function ratioChart() {
  const X = linear(Math.log(1 / 40), Math.log(40), 8, 312);
  const place = (value) => clamp(X(Math.log(value)), 8, 312);
  const line = s("line", { class: "rx-interval", y1: 14, y2: 14 });
  const dot = s("rect", { class: "rx-dot-a", width: 9, height: 9, y: 9.5 });
  const ends = ["lower", "upper"].map((side) => [side, s("path", { class: "rx-interval" })]);
  const svg = s(
    "svg",
    { viewBox: "0 0 320 40", "aria-hidden": "true" },
    s(
      "g",
      { class: "rx-axes" },
      s("line", { class: "rx-tick", x1: 8, x2: 312, y1: 24, y2: 24 }),
      [0.05, 0.2, 0.5, 1, 2, 5, 20].map((value) => [
        s("line", {
          class: value === 1 ? "rx-one" : "rx-tick",
          x1: px(place(value)),
          x2: px(place(value)),
          y1: value === 1 ? 3 : 22,
          y2: 26,
        }),
        s("text", { x: px(place(value)), y: 38, "text-anchor": "middle" }, value),
      ]),
    ),
    line,
    ends.map(([, end]) => end),
    dot,
  );
  return {
    svg,
    draw(result) {
      set(line, "x1", px(place(result.lower)));
      set(line, "x2", px(place(result.upper)));
      set(dot, "x", px(place(result.hr) - 4.5));
      for (const [side, end] of ends) {
        const x = px(place(result[side]));
        const beyond = X(Math.log(result[side])) < 8 ? 5 : X(Math.log(result[side])) > 312 ? -5 : 0;
        set(end, "d", beyond ? `M${x + beyond},10L${x},14L${x + beyond},18` : `M${x},10V18`);
      }
    },
  };
}

// Map of the hazard ratio over size and BED. The log hazard ratio is linear in both, so a linear
// gradient is not an approximation: it is the map.
function hazardMap(data, onpick) {
  const box = { l: 34, r: 312, t: 22, b: 176 };
  const [size0, size1] = data.size;
  const [bed0, bed1] = data.bed;
  const X = linear(size0, size1, box.l, box.r);
  const Y = linear(bed0, bed1, box.b, box.t);
  const limit = Math.log(16);
  const id = uid("map");
  const gradient = s(
    "linearGradient",
    { id, gradientUnits: "userSpaceOnUse" },
    [0, 1, 2, 3, 4, 5, 6].map((i) => s("stop", { offset: i / 6, class: `rx-stop-${i}` })),
  );
  const area = s("rect", {
    x: box.l,
    y: box.t,
    width: box.r - box.l,
    height: box.b - box.t,
    fill: `url(#${id})`,
  });
  const contours = [1 / 16, 1 / 8, 1 / 4, 1 / 2, 1, 2, 4, 8, 16].map((value) => {
    const name = value >= 1 ? String(value) : `1/${1 / value}`;
    return {
      log: Math.log(value),
      line: s("line", { class: value === 1 ? "rx-contour rx-even" : "rx-contour" }),
      text: s("text", { class: "rx-contour-text", "text-anchor": "middle" }, name),
    };
  });
  const side = [0, 4, 7, 10];
  const d = data.density;
  const people = d?.bed
    ? d.level
        .flatMap((row, i) =>
          row.map(
            (level, j) =>
              level &&
              s("rect", {
                class: "rx-people",
                width: side[level],
                height: side[level],
                x: px(X((d.size[i] + d.size[i + 1]) / 2) - side[level] / 2),
                y: px(Y((d.bed[j] + d.bed[j + 1]) / 2) - side[level] / 2),
              }),
          ),
        )
        .filter(Boolean)
    : [];
  const b = s("circle", { class: "rx-mark-b", r: 5.5 });
  const a = s("circle", { class: "rx-mark-a", r: 6 });
  const sizeTicks = [1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 25].filter(
    (x) => x <= size1 && (size1 < 9 || x > 6 || x % 2 === 0),
  );
  const bedTicks = Array.from({ length: 30 }, (_, i) => 20 * i).filter((y) => y >= bed0 && y <= bed1);
  const svg = s(
    "svg",
    { viewBox: "0 0 320 212", role: "img", class: "rx-map" },
    s("defs", {}, gradient),
    area,
    axes(
      box,
      sizeTicks.map((x) => [X(x), x]),
      bedTicks.map((y) => [Y(y), y]),
      "Tumour size, cm",
      "BED, Gy",
      false,
    ),
    people,
    contours.map((c) => [c.line, c.text]),
    b,
    a,
  );
  const pick = (event) => {
    const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    const back = (v, lo, hi, r0, r1) => clamp(lo + ((v - r0) / (r1 - r0)) * (hi - lo), lo, hi);
    onpick(back(point.x, size0, size1, box.l, box.r), back(point.y, bed0, bed1, box.b, box.t));
  };
  svg.addEventListener("pointerdown", pick);
  svg.addEventListener(
    "pointermove",
    (event) => event.pointerType === "mouse" && event.buttons === 1 && pick(event),
  );
  return {
    svg,
    draw(m, state) {
      const slope = (name) => m.terms.find((term) => term[0] === name)?.[2] ?? 0;
      const perX = slope("tumor_size_cm") / (X(1) - X(0));
      const perY = slope("bed10_gy") / (Y(1) - Y(0));
      // Log hazard ratio at the corner (box.l, box.t), all else as in this patient.
      const here = { x: X(state.tumor_size_cm), y: Y(bedOf(state)) };
      const log = dot(m, design(m, state)) - dot(m, design(m, state.reference));
      const corner = log + perX * (box.l - here.x) + perY * (box.t - here.y);
      const steep = perX ** 2 + perY ** 2 || 1e-12;
      const along = (value) => [
        box.l + ((value - corner) * perX) / steep,
        box.t + ((value - corner) * perY) / steep,
      ];
      const [[x1, y1], [x2, y2]] = [along(-limit), along(limit)];
      for (const [key, value] of Object.entries({ x1, y1, x2, y2 })) set(gradient, key, px(value));
      for (const { log: value, line, text } of contours) {
        // Where the contour meets the frame: on left and right, or on top and bottom.
        const rest = value - corner;
        const ends = [];
        for (const x of [box.l, box.r]) {
          const y = box.t + (rest - perX * (x - box.l)) / perY;
          if (y >= box.t && y <= box.b) ends.push([x, y]);
        }
        for (const y of [box.t, box.b]) {
          const x = box.l + (rest - perY * (y - box.t)) / perX;
          if (x > box.l && x < box.r) ends.push([x, y]);
        }
        const inside = ends.length >= 2;
        set(line, "visibility", inside ? "visible" : "hidden");
        set(
          text,
          "visibility",
          inside && Math.hypot(ends[0][0] - ends[1][0], ends[0][1] - ends[1][1]) > 40 ? "visible" : "hidden",
        );
        if (!inside) continue;
        const [[xa, ya], [xb, yb]] = ends;
        for (const [key, v] of Object.entries({ x1: xa, y1: ya, x2: xb, y2: yb })) set(line, key, px(v));
        set(text, "x", px(0.25 * xa + 0.75 * xb));
        set(text, "y", px(0.25 * ya + 0.75 * yb + 4));
      }
      for (const [mark, p] of [
        [a, state],
        [b, state.reference],
      ]) {
        set(mark, "cx", px(clamp(X(p.tumor_size_cm), box.l, box.r)));
        set(mark, "cy", px(clamp(Y(bedOf(p)), box.t, box.b)));
      }
    },
  };
}

// Ten by ten people for each of the two patients.
function iconArrays() {
  const svg = s("svg", { viewBox: "0 0 320 212", role: "img" });
  const arrays = ["a", "b"].map((key, k) => {
    const title = s("text", { class: "rx-title", x: 160 * k + 12, y: 13 });
    const people = Array.from({ length: 100 }, (_, i) =>
      s("path", {
        d: PERSON,
        transform: `translate(${160 * k + 12 + 13.6 * (i % 10)},${24 + 18 * Math.floor(i / 10)})`,
      }),
    );
    svg.append(title, ...people);
    return { key, title, people };
  });
  return {
    svg,
    draw(rate) {
      for (const array of arrays) {
        const { key, title, people } = array;
        const p = rate[key === "a" ? "patient" : "reference"].survival;
        const free = Number.isNaN(p) ? 0 : Math.round(100 * p);
        put(title, `${key === "a" ? "This patient" : "Reference"}: ${hundred(p)} of 100`);
        if (array.free === free) continue;
        array.free = free;
        people.forEach((person, i) => set(person, "class", i < free ? `rx-free-${key}` : "rx-event"));
      }
    },
  };
}
