// One sheet for every question the page puts: it rises over all else, and Escape, a tap beside it,
// its cross or going back end it.

import { el, icon, replaceChildren } from "./dom.js";
import { drop, lay, lift } from "./layers.js";
import { hide, show } from "./modal.js";
import { say } from "./words.js";

let drawer = null;

export function open(title, ...parts) {
  drawer ??= made();
  const top = el(
    "div",
    { class: "sheet-top" },
    el("h2", { id: "drawer-title" }, title),
    el(
      "button",
      { class: "round", type: "button", "aria-label": say("Close"), click: leave },
      icon("close"),
    ),
  );
  replaceChildren(drawer.firstChild, top, ...parts);
  show(drawer);
  lay("drawer", () => hide(drawer));
  drawer.scrollTop = 0;
}

// What was asked is answered, and something else follows.
export const close = () => drop("drawer");
const leave = () => lift("drawer");

function made() {
  const dialog = el("dialog", { class: "drawer", "aria-labelledby": "drawer-title" }, el("div"));
  dialog.addEventListener("click", ({ target }) => target === dialog && leave());
  dialog.addEventListener("cancel", (event) => (event.preventDefault(), leave()));
  document.body.append(dialog);
  return dialog;
}
