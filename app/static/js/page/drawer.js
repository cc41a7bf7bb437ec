// One sheet for every question the page puts: it rises over all else, and Escape, a tap beside it
// or its cross end it.

import { el, icon, replaceChildren } from "./dom.js";
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
      { class: "round", type: "button", "aria-label": say("Close"), click: close },
      icon("close"),
    ),
  );
  replaceChildren(drawer.firstChild, top, ...parts);
  show(drawer);
  drawer.scrollTop = 0;
}

export const close = () => drawer && hide(drawer);

function made() {
  const dialog = el("dialog", { class: "drawer", "aria-labelledby": "drawer-title" }, el("div"));
  dialog.addEventListener("click", ({ target }) => target === dialog && close());
  addEventListener("popstate", close);
  document.body.append(dialog);
  return dialog;
}
