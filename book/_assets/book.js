// Four things that the theme leaves out.
(() => {
  "use strict";
  const root = document.documentElement;
  // Paper is light, whatever the screen is.
  let theme;
  addEventListener("beforeprint", () => {
    theme = root.dataset.theme;
    root.dataset.theme = "light";
  });
  addEventListener("afterprint", () => (root.dataset.theme = theme));

  // What scrolls is reached by keyboard: the theme sees to it when the window changes. What a
  // reader unfolds had no size before. The event does not bubble.
  addEventListener("toggle", () => dispatchEvent(new Event("resize")), true);
  // It does not know of formulas.
  const formulas = document.querySelectorAll("div.math");
  const reach = () =>
    formulas.forEach((one) => {
      if (one.scrollWidth > one.clientWidth) one.tabIndex = 0;
      else one.removeAttribute("tabindex");
    });
  addEventListener("resize", reach);
  reach();

  // One switch for the code of every page. Until it is used, the lessons are open and the rest is
  // not. A browser may refuse to remember anything: then it holds for this page.
  const KEY = "reanalysis-code";
  const remembered = () => {
    try {
      return localStorage.getItem(KEY);
    } catch {
      return null;
    }
  };
  const remember = (state) => {
    try {
      localStorage.setItem(KEY, state);
    } catch {
      // Nothing is lost but the memory.
    }
  };
  const cells = document.querySelectorAll("div.cell details.above-input");
  const bar = document.querySelector(".article-header-buttons");
  if (!cells.length || !bar) return;
  const button = document.createElement("button");
  const show = (state) => {
    root.dataset.code = state ?? "lessons";
    button.setAttribute("aria-checked", String(state === "open"));
    if (state) cells.forEach((cell) => (cell.open = state === "open"));
  };
  Object.assign(button, {
    type: "button",
    className: "btn btn-sm code-switch",
    textContent: "Code",
    title: "Open or close all code, on every page",
  });
  button.setAttribute("role", "switch");
  button.addEventListener("click", () => {
    const state = root.dataset.code === "open" ? "closed" : "open";
    remember(state);
    show(state);
  });
  bar.prepend(button);
  show(remembered());
})();
