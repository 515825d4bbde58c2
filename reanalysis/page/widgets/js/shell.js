// The life of a widget: its root element, theme, announcements, and the loop between traits and DOM.

import { h, put } from "./dom.js";

// The book's theme marks <html data-theme>, JupyterLab <body data-jp-theme-light>; otherwise the
// reader's system decides. Returns a function that stops watching.
function followTheme(root) {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const book = document.documentElement.dataset.theme;
    const lab = document.body.dataset.jpThemeLight;
    const dark = book ? book === "dark" : lab ? lab === "false" : system.matches;
    root.dataset.rxTheme = dark ? "dark" : "light";
  };
  apply();
  const observer = new MutationObserver(apply);
  observer.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  observer.observe(document.body, { attributeFilter: ["data-jp-theme-light"] });
  system.addEventListener("change", apply);
  return () => {
    observer.disconnect();
    system.removeEventListener("change", apply);
  };
}

// A polite live region: says the last of a burst of changes once it has settled.
function announcer(delay = 700) {
  const el = h("p", { class: "rx-sr", role: "status", "aria-live": "polite" });
  let timer;
  return {
    el,
    say(text) {
      clearTimeout(timer);
      timer = setTimeout(() => put(el, text()), delay);
    },
    stop: () => clearTimeout(timer),
  };
}

// Root element, theme, hiding of the still version, and the loop between traits and DOM.
// `traits` are the settings: they are redrawn when Python changes them, kept in a link, and reset.
// `build` makes the DOM once and returns `draw`, called once per burst of changes; what `draw`
// returns writes the descriptions of the figures and gives the words for a screen reader.
export function widget({ model, el, label, traits, build }) {
  const root = h("section", { class: "rx", "aria-label": label });
  const live = announcer();
  const ears = [];
  let mine = false;
  let waiting = false;
  let spoken = false;
  const redraw = () => {
    const tell = draw();
    if (spoken) live.say(tell);
    // Nobody has changed anything yet: describe, and keep silent
    else tell();
    spoken = true;
  };
  const read = () => Object.fromEntries(traits.map((key) => [key, model.get(key)]));
  const change = (values) => {
    mine = true;
    for (const [name, value] of Object.entries(values)) model.set(name, value);
    mine = false;
    redraw();
    model.save_changes();
  };
  const reset = () => change(model.get("_initial"));
  for (const name of traits) {
    const ear = () => {
      if (mine || waiting) return;
      // Several traits that Python sets at once are one redraw
      waiting = true;
      queueMicrotask(() => {
        waiting = false;
        redraw();
      });
    };
    model.on(`change:${name}`, ear);
    ears.push([`change:${name}`, ear]);
  }
  const draw = build({ root, read, change, reset, live });
  root.append(live.el);
  redraw();
  const stopTheme = followTheme(root);
  el.append(root);
  // The still figure and table that Python displays for readers without JavaScript.
  const still = `[data-still="${CSS.escape(model.get("_name"))}"]`;
  el.append(h("style", {}, `${still}{display:none!important}`));
  return () => {
    stopTheme();
    live.stop();
    for (const [event, ear] of ears) model.off(event, ear);
  };
}
