// Two things that the theme leaves out.
(() => {
  "use strict";
  // Paper is light, whatever the screen is.
  const { dataset } = document.documentElement;
  let theme;
  addEventListener("beforeprint", () => {
    theme = dataset.theme;
    dataset.theme = "light";
  });
  addEventListener("afterprint", () => (dataset.theme = theme));

  // What scrolls is reached by keyboard: the theme sees to it when the window changes. What a
  // reader unfolds had no size before. The event does not bubble.
  addEventListener("toggle", () => dispatchEvent(new Event("resize")), true);
})();
