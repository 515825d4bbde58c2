// Settings in the address of a page of the book: taken when it opens, and when the address changes.

import { fromHash } from "./link.js";

// `valid` judges a setting. Settings that are not plain values are packed and unpacked by the
// widget. A notebook has no address of its own: it keeps its state in Python.
export function followAddress({ model, root, read, change, valid, pack, unpack }) {
  if (!model.page) return;
  const restore = () => {
    const state = read();
    const found = fromHash(model.get("_name"), location.hash, pack ? pack(state, true) : state, valid);
    if (found) change(unpack ? unpack(state, found) : found);
    return found;
  };
  addEventListener("hashchange", restore);
  queueMicrotask(() => restore() && root.scrollIntoView({ block: "start" }));
}
