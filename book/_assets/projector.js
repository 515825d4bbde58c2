// A switch for a room: larger type and no side columns, on every page until it is switched off.
(() => {
  "use strict";
  const KEY = "reanalysis-projector";
  const root = document.documentElement;
  const bar = document.querySelector(".article-header-buttons");
  if (!bar) return;
  // A browser may refuse to remember anything: then it holds for this page.
  const remembered = () => {
    try {
      return sessionStorage.getItem(KEY);
    } catch {
      return null;
    }
  };
  const remember = (state) => {
    try {
      sessionStorage.setItem(KEY, state);
    } catch {
      // Nothing is lost but the memory.
    }
  };
  const button = document.createElement("button");
  const show = (state) => {
    root.dataset.projector = state;
    button.setAttribute("aria-checked", String(state === "on"));
    dispatchEvent(new Event("resize"));
  };
  Object.assign(button, {
    type: "button",
    className: "btn btn-sm projector-switch",
    textContent: "Projector",
    title: "Larger type and no side columns, for a room",
  });
  button.setAttribute("role", "switch");
  button.addEventListener("click", () => {
    const state = root.dataset.projector === "on" ? "off" : "on";
    remember(state);
    show(state);
  });
  bar.prepend(button);
  show(remembered() ?? "off");
})();
