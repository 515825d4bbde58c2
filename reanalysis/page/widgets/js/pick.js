// Charts that a pointer can choose a point of.

// Calls `onpoint` with the place in the chart's own units, at a press and while a mouse is dragged.
export function pick(svg, onpoint) {
  const choose = (event) => {
    const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    onpoint(point);
  };
  svg.addEventListener("pointerdown", choose);
  svg.addEventListener(
    "pointermove",
    (event) => event.pointerType === "mouse" && event.buttons === 1 && choose(event),
  );
}
