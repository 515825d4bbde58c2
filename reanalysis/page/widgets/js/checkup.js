// The check-up: questions drawn from the pool of all chapters, graded together, to be printed.

import { followAddress } from "./address.js";
import { button, KEEP_KEYS } from "./controls.js";
import { div, h, put, show, uid } from "./dom.js";
import { drawQuestions } from "./draw_questions.js";
import { grade } from "./grading.js";
import { inRange, toHash } from "./link.js";
import { marked } from "./markup.js";
import { questionControl } from "./question.js";
import { widget } from "./shell.js";
import { table } from "./table.js";

const LAST = 9999; // number of a draw

// The rest of the page stays off the paper: the book's style sheet asks for the mark.
function printResult() {
  const page = document.documentElement;
  page.dataset.rxPrint = "on";
  addEventListener("afterprint", () => delete page.dataset.rxPrint, { once: true });
  print();
}

function answerTo({ shown, options, items }) {
  if (items) return `The order: ${items.join("; ")}.`;
  const right = options?.filter((option) => option.right).map(({ text }) => text).join(" ");
  return `The answer: ${right ?? `${shown}.`}`;
}

function item(question, place, time) {
  const control = questionControl({ ...question, number: place + 1 }, time);
  const said = h("div", { class: "rx-said" });
  const head = h("h3", {}, `Question ${place + 1}`, h("small", {}, question.title));
  return {
    question,
    el: h(
      "article",
      { class: "rx-exercise" },
      head,
      marked("div", { class: "rx-prompt" }, question.prompt),
      control.el,
      said,
    ),
    grade() {
      const { right, said: words } = grade(question, control.read());
      said.className = `rx-said ${right ? "rx-good" : "rx-bad"}`;
      said.innerHTML = `${right ? "✓" : "✗"} ${words}${right ? "" : ` ${answerTo(question)}`}`;
      return right;
    },
  };
}

function render({ model, el }) {
  const data = model.get("_data");

  function build({ root, read, change }) {
    const id = uid("name");
    const name = h("input", { id, type: "text", autocomplete: "name", ...KEEP_KEYS });
    const place = h("form", { class: "rx-questions", onsubmit: (event) => finish(event) });
    const result = h("section", { class: "rx-result", "aria-label": "Result", tabindex: -1 });
    const again = button("Draw other questions", () => change({ draw: 1 + Math.floor(Math.random() * LAST) }));
    const number = h("p");
    let items = [];
    let drawn = null;

    function finish(event) {
      event.preventDefault();
      const chapters = new Map();
      let right = 0;
      for (const one of items) {
        const [good, all] = chapters.get(one.question.title) ?? [0, 0];
        const ok = one.grade() ? 1 : 0;
        right += ok;
        chapters.set(one.question.title, [good + ok, all + 1]);
      }
      const rows = [...chapters].map(([title, [good, all]]) => [title, String(good), String(all)]);
      result.replaceChildren(
        h("h3", {}, `${right} of ${items.length} right`),
        h("p", {}, `${name.value ? `${name.value}, ` : ""}${new Date().toISOString().slice(0, 10)}, check-up ${drawn}`),
        table("By chapter", ["Chapter", "Right", "Asked"], rows),
        button("Print", printResult),
      );
      show(result, true);
      result.focus();
    }
    followAddress({ model, root, read, change, valid: (key, value) => inRange({ range: [1, LAST], step: 1 }, value) });
    root.append(
      div("rx-panel", div("rx-number", h("label", { for: id }, "Name, for the printed result"), name), number, again),
      place,
      result,
    );
    return function draw() {
      const { draw: seed } = read();
      if (seed !== drawn) {
        drawn = seed;
        items = drawQuestions(data.pool, data.count, seed).map((question, k) => item(question, k, data.time));
        place.replaceChildren(...items.map((one) => one.el), h("button", { type: "submit" }, "Finish"));
        show(result, false);
        put(number, `Check-up ${seed}: whoever opens the page with this number in its address gets the same questions.`);
        const address = toHash(model.get("_name"), { draw: seed });
        if (model.page && location.hash !== address && seed !== model.get("_initial").draw)
          history.replaceState(null, "", address);
      }
      return () => `${items.length} questions`;
    };
  }
  return widget({ model, el, label: "Check-up", traits: ["draw"], build });
}

export default { render };
