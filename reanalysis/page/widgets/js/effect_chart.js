// The effect itself: the hazard ratio against one covariate, all else equal.

import { axisOf, fraction } from "./hazard_axes.js";
import { effect } from "./hazard_model.js";
import { pick } from "./pick.js";
import { axes, BOX, chart, clamp, HEIGHT, linear, px } from "./plot.js";
import { put, s, set, uid } from "./dom.js";
import { ratio } from "./text.js";

const STRIP = 26; // height of the fullest bar of patients

// How far up and down the axis of the ratios reaches for the covariates in `keys`: a power of 2.
export function spanOf(data, m, keys, reference) {
  const steep = keys.map((key) => {
    const { range, of } = axisOf(data, key);
    const far = Math.max(...range.map((end) => Math.abs(end - of(reference))));
    return far * Math.abs(m.terms.find(([name]) => name === key)[2]);
  });
  return clamp(2 ** Math.ceil(Math.max(...steep, 0) / Math.LN2), 4, 64);
}

// Where the cohort has patients: pieces [from, to] of the axis.
function supported({ edges, share }) {
  const pieces = [];
  share.forEach((value, i) => {
    if (!value) return;
    if (pieces.at(-1)?.[1] === edges[i]) pieces.at(-1)[1] = edges[i + 1];
    else pieces.push([edges[i], edges[i + 1]]);
  });
  return pieces;
}

// `onpick` gets a value that a pointer chose; a chart may be lower than the others.
export function effectChart(data, key, onpick, height = HEIGHT) {
  const box = { ...BOX, b: BOX.b - (HEIGHT - height) };
  const { range, ticks, title, of } = axisOf(data, key);
  const X = linear(...range, box.l, box.r);
  const inside = (x) => clamp(X(x), box.l, box.r);
  const clip = uid("clip");
  const rug = data.rug?.[key];
  const bars = rug?.share.map((share, i) => {
    const [left, right] = [inside(rug.edges[i]), inside(rug.edges[i + 1])];
    const high = share && Math.max(1.5, STRIP * share);
    return s("rect", {
      class: "rx-bar",
      x: px(left + 0.5),
      y: px(box.b - high),
      width: px(Math.max(0, right - left - 1)),
      height: px(high),
    });
  });
  const band = s("path", { class: "rx-band-a" });
  const thin = s("line", { class: "rx-line-thin" });
  const lines = (rug ? supported(rug) : [range]).map((piece) => ({ piece, line: s("line", { class: "rx-line-a" }) }));
  const bar = s("line", { class: "rx-interval" });
  const b = s("circle", { class: "rx-mark-b", r: 5 });
  const a = s("circle", { class: "rx-mark-a", r: 5.5 });
  const words = s("text", { class: "rx-title rx-outlined" });
  const frame = s("g", {});
  const svg = chart(
    { class: "rx-pick", viewBox: `0 0 320 ${height}` },
    s("clipPath", { id: clip }, s("rect", { x: box.l, y: box.t, width: box.r - box.l, height: box.b - box.t })),
    bars,
    frame,
    s("g", { "clip-path": `url(#${clip})` }, band, thin, lines.map(({ line }) => line), bar),
    b,
    a,
    words,
  );
  pick(svg, ({ x }) => onpick(clamp(linear(box.l, box.r, ...range)(x), ...range)));
  let framed;
  return {
    svg,
    draw(m, state, span, event) {
      const Y = linear(-Math.log(span), Math.log(span), box.b, box.t);
      const at = (value) => Y(Math.log(value));
      if (framed !== `${span} ${event}`) {
        framed = `${span} ${event}`;
        const powers = Array.from({ length: 13 }, (_, i) => 2 ** (i - 6));
        const shown = powers.filter((p) => p <= span && p >= 1 / span && (span < 16 || Math.log2(p) % 2 === 0));
        frame.replaceChildren(
          axes(
            box,
            ticks.map((x) => [X(x), x]),
            shown.map((p) => [at(p), fraction(p)]),
            title,
            `Hazard ratio of ${event}`,
          ),
          s("line", { class: "rx-one", x1: box.l, x2: box.r, y1: px(at(1)), y2: px(at(1)) }),
        );
      }
      const here = of(state.reference);
      const from = (x) => effect(m, { [key]: x - here });
      const [left, right] = range.map(from);
      const middle = `${px(inside(here))},${px(at(1))}`;
      const corner = (x, value) => `${px(X(x))},${px(at(value))}`;
      set(band, {
        d: `M${corner(range[0], left.upper)}L${middle}L${corner(range[1], right.upper)}V${px(at(right.lower))}L${middle}L${corner(range[0], left.lower)}Z`,
      });
      const along = (line, [x1, x2]) =>
        set(line, { x1: px(X(x1)), y1: px(at(from(x1).hr)), x2: px(X(x2)), y2: px(at(from(x2).hr)) });
      along(thin, range);
      for (const { line, piece } of lines) along(line, piece);
      const mine = from(of(state));
      const x = px(inside(of(state)));
      set(bar, { x1: x, x2: x, y1: px(at(mine.lower)), y2: px(at(mine.upper)) });
      const y = px(clamp(at(mine.hr), box.t, box.b));
      set(a, { cx: x, cy: y });
      set(b, { cx: px(inside(here)), cy: px(at(1)) });
      const leftwards = x > 250;
      set(words, { x: leftwards ? x - 9 : x + 9, y: y - 7, "text-anchor": leftwards ? "end" : "start" });
      put(words, `× ${ratio(mine.hr)}`);
      return mine;
    },
  };
}
