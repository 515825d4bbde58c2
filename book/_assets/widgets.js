// Draws the widgets of a page without a kernel. MyST-NB stores the state of a notebook's widgets
// in the page, and a marker where each is shown; an anywidget's state holds its own ES module and
// style sheet. Nothing is fetched, so that this works from file:// and behind any firewall.
(() => {
  "use strict";
  const STATE = 'script[type="application/vnd.jupyter.widget-state+json"]';
  const VIEW = 'script[type="application/vnd.jupyter.widget-view+json"]';

  // What a widget sees of its model: the part of anywidget's interface that needs no kernel.
  function createModel(state) {
    const values = structuredClone(state);
    const ears = new Map();
    const emit = (event) => [...(ears.get(event) ?? [])].forEach((ear) => ear());
    return {
      page: true, // a page of the site: settings can be kept in its address
      get: (name) => values[name],
      set(name, value) {
        if (Object.is(values[name], value)) return;
        values[name] = value;
        emit(`change:${name}`);
        emit("change");
      },
      save_changes() {},
      send() {},
      on: (event, ear) => ears.set(event, new Set(ears.get(event)).add(ear)),
      off: (event, ear) => ears.get(event)?.delete(ear),
    };
  }

  const modules = new Map();
  function load(source) {
    if (!modules.has(source)) {
      const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
      modules.set(
        source,
        import(url).finally(() => URL.revokeObjectURL(url)),
      );
    }
    return modules.get(source);
  }

  const sheets = new Set();
  function addSheet(text) {
    if (!text || sheets.has(text)) return;
    sheets.add(text);
    const style = document.createElement("style");
    style.textContent = text;
    document.head.append(style);
  }

  const models = new Map(); // two views of one model share it
  async function show(marker, states) {
    const { model_id: id } = JSON.parse(marker.textContent);
    const state = states[id]?.state;
    const place = document.createElement("div");
    place.className = "widget-view";
    marker.after(place);
    if (!state?._esm) {
      // No dead control: what needs a kernel says so.
      place.textContent = "This control needs a running notebook: open this page in Binder or JupyterLab.";
      return;
    }
    addSheet(state._css);
    const module = await load(state._esm);
    const widget = typeof module.default === "function" ? await module.default() : module.default;
    if (!models.has(id)) {
      const model = createModel(state);
      models.set(id, model);
      await widget.initialize?.({ model });
    }
    const model = models.get(id);
    place.model = model;
    await widget.render({ model, el: place });
  }

  // A second link beside that to the main content, for those who walk by keyboard.
  function offerSkip() {
    const skip = document.getElementById("pst-skip-link");
    const first = document.querySelector(".widget-view");
    if (!skip || !first) return;
    first.id = "widget";
    first.tabIndex = -1;
    const link = document.createElement("a");
    link.href = "#widget";
    link.textContent = "Skip to the interactive figure";
    // The address may hold the settings of a widget: it stays as it is.
    link.addEventListener("click", (event) => {
      event.preventDefault();
      first.focus();
    });
    const box = skip.cloneNode();
    box.removeAttribute("id");
    box.append(link);
    skip.after(box);
  }

  async function start() {
    const states = {};
    for (const script of document.querySelectorAll(STATE))
      Object.assign(states, JSON.parse(script.textContent).state);
    const views = [...document.querySelectorAll(VIEW)].map((marker) => show(marker, states));
    // A widget that fails leaves its still version in place; the console says what happened.
    for (const result of await Promise.allSettled(views)) if (result.reason) console.error(result.reason);
    offerSkip();
    document.documentElement.dataset.widgets = "ready";
  }
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", start);
  else start();
})();
