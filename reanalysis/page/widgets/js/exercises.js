// The exercises of a chapter: each answered and graded where it stands.

import { button } from "./controls.js";
import { div, h, put } from "./dom.js";
import { download } from "./download.js";
import { grade } from "./grading.js";
import { marked } from "./markup.js";
import { addTry, forgetAll, recall, record } from "./progress.js";
import { questionControl } from "./question.js";
import { widget } from "./shell.js";

function solutionOf({ solution, code }) {
  const lines = code ? [h("p", {}, "The same in Python:"), h("pre", {}, h("code", {}, code))] : [];
  return h("details", { class: "rx-solution" }, h("summary", {}, "Solution"), marked("div", {}, solution), lines);
}

function exercise(question, data, changed) {
  const { number, level, objective, missing } = question;
  const head = h("h3", { id: question.id }, `Exercise ${number}`, h("small", {}, data.levels[level]));
  const about = h("p", { class: "rx-note" }, `You can: ${objective}.`);
  const article = (...rest) =>
    h("article", { class: "rx-exercise" }, head, about, marked("div", { class: "rx-prompt" }, question.prompt), rest);
  if (missing) return { el: article(h("p", { class: "rx-warning" }, `Not offered for this cohort: ${missing}.`)), draw() {} };

  const control = questionControl(question, data.time);
  const said = h("div", { class: "rx-said", role: "status" });
  let tries = 0;
  const submit = (event) => {
    event.preventDefault();
    const { right, said: words } = grade(question, control.read(), tries);
    said.className = `rx-said ${right ? "rx-good" : "rx-bad"}`;
    said.innerHTML = `${right ? "✓" : "✗"} ${words}`;
    tries = right ? 0 : tries + 1;
    addTry(question, right);
    changed();
  };
  const mark = h("small", { class: "rx-solved" });
  head.append(mark);
  return {
    el: article(
      h("form", { onsubmit: submit }, control.el, h("button", { type: "submit" }, "Check")),
      said,
      solutionOf(question),
    ),
    draw: () => put(mark, record(question).solved ? "solved" : ""),
  };
}

function render({ model, el }) {
  const data = model.get("_data");
  const offered = data.questions.filter((question) => !question.missing);

  function build({ root }) {
    const summary = h("p", { role: "status" });
    const exercises = data.questions.map((question) => exercise(question, data, () => draw()));
    const save = () =>
      download("exercises.json", new Blob([JSON.stringify(recall(), null, 1)], { type: "application/json" }));
    const erase = () => {
      forgetAll();
      draw();
    };
    root.append(
      ...exercises.map((one) => one.el),
      div("rx-files", summary, button("Save my progress", save), button("Erase my progress", erase)),
    );
    function draw() {
      for (const one of exercises) one.draw();
      const solved = offered.filter((question) => record(question).solved).length;
      put(summary, `Solved: ${solved} of ${offered.length}. Kept in this browser alone.`);
      return () => "";
    }
    return draw;
  }
  return widget({ model, el, label: data.title, traits: [], build });
}

export default { render };
