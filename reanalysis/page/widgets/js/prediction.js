// A question to commit to before a result: the guess first, then the result over it.

import { followAddress } from "./address.js";
import { button, slider } from "./controls.js";
import { div, h, put, s, set, show } from "./dom.js";
import { inRange } from "./link.js";
import { marked } from "./markup.js";
import { axes, BOX, chart, clamp, linear, multiples, px } from "./plot.js";
import { widget } from "./shell.js";
import { startOf } from "./curve_point.js";
import { steps } from "./steps.js";
import { measure } from "./text.js";

const END = 60; // months

// The guess as the end of a line from the start of the curve, which then appears.
function curvePicture({ curve, at, axis, answer }, time) {
  const start = startOf(curve.values);
  const end = Math.max(at, Math.min(END, Math.ceil(curve.times.at(-1) / 12) * 12));
  const X = linear(0, end, BOX.l, BOX.r);
  const Y = linear(0, 100, BOX.b, BOX.t);
  const line = s("path", { class: "rx-line-b" });
  const handle = s("circle", { class: "rx-mark-b", r: 6 });
  const grip = s("circle", { class: "rx-grip", r: 22 }); // as large as a finger
  const truth = s(
    "g",
    {},
    s("path", { class: "rx-line-a", d: steps(curve.times, curve.values, end, X, Y, start) }),
    s("circle", { class: "rx-mark-a", r: 5, cx: px(X(at)), cy: px(Y(answer)) }),
  );
  const months = multiples(12, end).map((x) => [X(x), x]);
  const shares = multiples(25, 100).map((y) => [Y(y), y]);
  const svg = chart({ class: "rx-map" }, axes(BOX, months, shares, time, axis), truth, line, handle, grip);
  return {
    svg,
    truth,
    valueAt: (x, y) => linear(BOX.b, BOX.t, 0, 100)(y),
    draw(guess) {
      set(line, { d: `M${px(X(0))},${px(Y(start))}L${px(X(at))},${px(Y(guess))}` });
      for (const end of [handle, grip]) set(end, { cx: px(X(at)), cy: px(Y(guess)) });
    },
  };
}

// The guess as a place on a scale, beside which the result then appears.
function scalePicture({ range, axis, unit, answer }) {
  const [low, high] = range;
  const X = linear(low, high, 20, 300);
  const place = (value) => px(X(clamp(value, low, high)));
  const handle = s("circle", { class: "rx-mark-b", r: 7, cy: 40 });
  const truth = s("g", {}, s("circle", { class: "rx-mark-a", r: 7, cx: place(answer), cy: 40 }));
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((part) => low + part * (high - low));
  const svg = s(
    "svg",
    { viewBox: "0 0 320 80", role: "img", class: "rx-map" },
    s("line", { class: "rx-tick", x1: 20, x2: 300, y1: 40, y2: 40 }),
    ticks.map((x) => [
      s("line", { class: "rx-tick", x1: px(X(x)), x2: px(X(x)), y1: 50, y2: 55 }),
      s("text", { x: px(X(x)), y: 68, "text-anchor": "middle" }, measure({}, x)),
    ]),
    s("text", { class: "rx-title", x: 20, y: 18 }, unit ? `${axis}, ${unit}` : axis),
    truth,
    handle,
  );
  return {
    svg,
    truth,
    valueAt: (x) => clamp(linear(20, 300, low, high)(x), low, high),
    draw: (guess) => set(handle, { cx: place(guess) }),
  };
}

function render({ model, el }) {
  const data = model.get("_data");
  const { range, step, unit, decimals } = data;

  function build({ root, read, change }) {
    const picture = data.curve ? curvePicture(data, data.time) : scalePicture(data);
    const text = (value) => measure({ unit, digits: step < 1 ? decimals : 0 }, value);
    const control = slider({ label: "Your guess", range, step, text }, (guess) => change({ guess }));
    const commit = button("Commit", () => change({ committed: true }));
    const again = button("Guess again", () => change({ committed: false }));
    const apart = h("strong");
    const after = div("rx-after", h("p", { class: "rx-ratio" }, apart), marked("div", {}, data.after));
    // A pointer drags the line; a click alone may miss a target as thin as that
    const follow = (event) => {
      if (read().committed || (event.type === "pointermove" && !event.buttons)) return;
      const { left, top, width } = picture.svg.getBoundingClientRect();
      const scale = 320 / width;
      const value = picture.valueAt((event.clientX - left) * scale, (event.clientY - top) * scale);
      const [low, high] = range;
      change({ guess: clamp(Number((Math.round(value / step) * step).toFixed(6)), low, high) });
    };
    picture.svg.addEventListener("pointerdown", follow);
    picture.svg.addEventListener("pointermove", follow);
    root.append(
      h("p", { class: "rx-head" }, "Before you read on"),
      marked("div", { class: "rx-prompt" }, data.prompt),
      div("rx-predict", div("rx-card", picture.svg), div("rx-card", control.el, h("p", { class: "rx-buttons" }, commit, again), after)),
    );
    const guesses = () => ({ guess: read().guess });
    followAddress({ model, root, read: guesses, change, valid: (key, value) => inRange({ range, step }, value) });
    return function draw() {
      const { guess, committed } = read();
      const valid = inRange({ range, step }, guess) ? guess : range[0];
      control.set(valid);
      control.input.disabled = committed;
      picture.draw(valid);
      const hadFocus = root.contains(document.activeElement) && document.activeElement.tagName === "BUTTON";
      show(commit, !committed);
      show(again, committed);
      if (hadFocus) (committed ? again : commit).focus();
      show(after, committed);
      set(picture.truth, { visibility: committed ? "visible" : "hidden" });
      put(apart, `You said ${text(valid)}; it is ${data.shown}`);
      return () => {
        const words = committed ? `${apart.textContent}. ${after.lastChild.textContent}` : `Your guess: ${text(valid)}`;
        set(picture.svg, { "aria-label": words });
        return words;
      };
    };
  }
  return widget({ model, el, label: `Prediction: ${data.axis}`, traits: ["guess", "committed"], build });
}

export default { render };
