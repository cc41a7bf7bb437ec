// The switch above the list: how one travels. Kept on the phone; who gets there when, and with which
// link one is led, goes by it.

import { keep } from "../ask/profile.js";
import { asked, change } from "../ask/state.js";
import { byId } from "../page/dom.js";

export function start() {
  byId("modes").addEventListener("click", ({ target: { value } }) => {
    if (!value || value === asked.mode) return;
    keep("mode", value);
    change({ mode: value });
  });
}

export function draw() {
  for (const button of byId("modes").children)
    button.setAttribute("aria-pressed", button.value === asked.mode);
}
