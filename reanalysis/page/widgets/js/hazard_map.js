// The map of the explorer: the hazard ratio over size and BED.

import { axisOf, fraction } from "./hazard_axes.js";
import { effect } from "./hazard_model.js";
import { s, set, uid } from "./dom.js";
import { pick } from "./pick.js";
import { axes, BOX, chart, clamp, linear, px } from "./plot.js";

const RATIOS = [1 / 16, 1 / 8, 1 / 4, 1 / 2, 1, 2, 4, 8, 16];
const STOPS = () => [0, 1, 2, 3, 4, 5, 6].map((i) => s("stop", { offset: i / 6, class: `rx-stop-${i}` }));

// Map of the hazard ratio over size and BED. The log hazard ratio is linear in both, so a linear
// gradient is not an approximation: it is the map. All else is equal, so that it is 1 at the reference.
export function hazardMap(data, onpick) {
  const keys = [data.keys.size, data.keys.bed];
  const [size, bed] = keys.map((key) => axisOf(data, key));
  const X = linear(...size.range, BOX.l, BOX.r);
  const Y = linear(...bed.range, BOX.b, BOX.t);
  const limit = Math.log(16);
  const id = uid("map");
  const gradient = s(
    "linearGradient",
    { id, gradientUnits: "userSpaceOnUse" },
    STOPS(),
  );
  const area = s("rect", {
    x: BOX.l,
    y: BOX.t,
    width: BOX.r - BOX.l,
    height: BOX.b - BOX.t,
    fill: `url(#${id})`,
  });
  const contours = RATIOS.map((value) => ({
    log: Math.log(value),
    line: s("line", { class: value === 1 ? "rx-contour rx-even" : "rx-contour" }),
    text: s("text", { class: "rx-contour-text", "text-anchor": "middle" }, fraction(value)),
  }));
  const unsure = s("path", { class: "rx-stipple" });
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
  const svg = chart(
    { class: "rx-map rx-pick" },
    s("defs", {}, gradient),
    area,
    axes(
      BOX,
      size.ticks.map((x) => [X(x), x]),
      bed.ticks.map((y) => [Y(y), y]),
      size.title,
      bed.title,
      false,
    ),
    unsure,
    people,
    contours.map((c) => [c.line, c.text]),
    b,
    a,
  );
  const back = (v, range, r0, r1) => clamp(linear(r0, r1, ...range)(v), ...range);
  pick(svg, ({ x, y }) => onpick(back(x, size.range, BOX.l, BOX.r), back(y, bed.range, BOX.b, BOX.t)));
  function background(m, reference) {
    const slope = (name) => m.terms.find((term) => term[0] === name)?.[2] ?? 0;
    const perX = slope(keys[0]) / (X(1) - X(0));
    const perY = slope(keys[1]) / (Y(1) - Y(0));
    const [size0, bed0] = [size.of(reference), bed.of(reference)];
    // Log hazard ratio at the corner (BOX.l, BOX.t); it is 0 at the reference.
    const corner = perX * (BOX.l - X(size0)) + perY * (BOX.t - Y(bed0));
    const steep = perX ** 2 + perY ** 2 || 1e-12;
    const along = (value) => [
      BOX.l + ((value - corner) * perX) / steep,
      BOX.t + ((value - corner) * perY) / steep,
    ];
    const [[x1, y1], [x2, y2]] = [along(-limit), along(limit)];
    set(gradient, { x1: px(x1), y1: px(y1), x2: px(x2), y2: px(y2) });
    for (const { log: value, line, text } of contours) {
      // Where the contour meets the frame: on left and right, or on top and bottom.
      const rest = value - corner;
      const ends = [];
      for (const x of [BOX.l, BOX.r]) {
        const y = BOX.t + (rest - perX * (x - BOX.l)) / perY;
        if (y >= BOX.t && y <= BOX.b) ends.push([x, y]);
      }
      for (const y of [BOX.t, BOX.b]) {
        const x = BOX.l + (rest - perY * (y - BOX.t)) / perX;
        if (x > BOX.l && x < BOX.r) ends.push([x, y]);
      }
      const inside = ends.length >= 2;
      const long = inside && Math.hypot(ends[0][0] - ends[1][0], ends[0][1] - ends[1][1]) > 40;
      const seen = (yes) => ({ visibility: yes ? "visible" : "hidden" });
      set(line, seen(inside));
      set(text, seen(long));
      if (!inside) continue;
      const [[xa, ya], [xb, yb]] = ends;
      set(line, { x1: px(xa), y1: px(ya), x2: px(xb), y2: px(yb) });
      set(text, { x: px(0.25 * xa + 0.75 * xb), y: px(0.25 * ya + 0.75 * yb + 4) });
    }
    // Stippled where the interval of the ratio holds 1.
    let stipple = "";
    for (let x = BOX.l + 3; x < BOX.r; x += 6)
      for (let y = BOX.t + 3; y < BOX.b; y += 6) {
        const { lower, upper } = effect(m, {
          [keys[0]]: size.range[0] + (x - BOX.l) / (X(1) - X(0)) - size0,
          [keys[1]]: bed.range[1] + (y - BOX.t) / (Y(1) - Y(0)) - bed0,
        });
        if (lower <= 1 && upper >= 1) stipple += `M${px(x)},${px(y)}h.01`;
      }
    set(unsure, { d: stipple });
  }
  let drawn;
  return {
    svg,
    draw(m, state) {
      // Only the model and the reference change more than the place of this patient.
      if (drawn?.m !== m || drawn?.reference !== state.reference) background(m, state.reference);
      drawn = { m, reference: state.reference };
      for (const [mark, p] of [
        [a, state],
        [b, state.reference],
      ]) {
        set(mark, {
          cx: px(clamp(X(size.of(p)), BOX.l, BOX.r)),
          cy: px(clamp(Y(bed.of(p)), BOX.t, BOX.b)),
        });
      }
      const apart = ({ of }) => of(state) - of(state.reference);
      return effect(m, { [keys[0]]: apart(size), [keys[1]]: apart(bed) });
    },
  };
}

// The colours of the map, and what the dots on it mean.
export function mapLegend() {
  const X = linear(-Math.log(16), Math.log(16), BOX.l, BOX.r);
  const id = uid("legend");
  return s(
    "svg",
    { viewBox: "0 0 320 30", "aria-hidden": "true" },
    s("defs", {}, s("linearGradient", { id }, STOPS())),
    s("rect", { x: BOX.l, y: 2, width: BOX.r - BOX.l, height: 9, fill: `url(#${id})` }),
    RATIOS.map((value) => s("text", { x: px(X(Math.log(value))), y: 23, "text-anchor": "middle" }, fraction(value))),
  );
}
