// What a reader can do with a figure: enlarge it, and take it along as SVG, PNG or values.
(() => {
  "use strict";
  const SCALE = 3; // of a PNG: its pixels for each of the drawing
  const page = location.pathname.split("/").pop().replace(/\.html$/, "") || "figure";

  const button = (text, title, act) => {
    const made = document.createElement("button");
    Object.assign(made, { type: "button", textContent: text, title });
    made.addEventListener("click", act);
    return made;
  };

  const save = (address, name) => {
    const link = document.createElement("a");
    Object.assign(link, { href: address, download: name });
    link.click();
  };

  // A number beyond the page's letters: Excel takes a file for UTF-8 only if it begins so.
  const BOM = "\uFEFF";
  const saveText = (text, name) => {
    const address = URL.createObjectURL(new Blob([BOM, text], { type: "text/csv" }));
    save(address, name);
    setTimeout(() => URL.revokeObjectURL(address));
  };

  const savePng = async (address, name) => {
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = SCALE * image.naturalWidth;
    canvas.height = SCALE * image.naturalHeight;
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    save(canvas.toDataURL("image/png"), name);
  };

  const enlarge = (image) => {
    const dialog = document.createElement("dialog");
    dialog.className = "reanalysis-enlarged";
    dialog.setAttribute("aria-label", "Figure, enlarged");
    const large = new Image();
    Object.assign(large, { src: image.currentSrc || image.src, alt: image.alt });
    dialog.append(
      button("Close", "", () => dialog.close()),
      large,
    );
    dialog.addEventListener("click", ({ target }) => target === dialog && dialog.close());
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  };

  document.querySelectorAll("figure.reanalysis-figure").forEach((figure, i) => {
    const image = figure.querySelector("img");
    const name = `${page}-figure-${i + 1}`;
    const tools = document.createElement("div");
    tools.className = "reanalysis-tools";
    tools.setAttribute("role", "group");
    tools.setAttribute("aria-label", `Figure ${i + 1} of this page`);
    tools.append(
      button("Enlarge", "Show it as large as the window", () => enlarge(image)),
      button("SVG", "Save the drawing", () => save(image.src, `${name}.svg`)),
      button("PNG", "Save it as a picture", () => savePng(image.src, `${name}.png`)),
    );
    const { csv } = figure.dataset;
    if (csv) {
      tools.append(button("CSV", "Save what is drawn as a table", () => saveText(csv, `${name}.csv`)));
    }
    figure.querySelector("figcaption").before(tools);
  });
})();
