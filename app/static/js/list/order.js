// The switch above the list: first reached by road, or closest. Kept on the phone; sorts nothing
// itself.

import { keep } from "../ask/profile.js";
import { asked, change } from "../ask/state.js";
import { byId } from "../page/dom.js";

export function start() {
  byId("order").addEventListener("click", ({ target: { value } }) => {
    if (!value || value === asked.order) return;
    keep("order", value);
    change({ order: value, k: asked.k });
  });
}

// There is nothing to choose where no time by road is known.
export function draw(found) {
  byId("order").hidden = !found?.byRoad;
  for (const button of byId("order").children)
    button.setAttribute("aria-pressed", button.value === asked.order);
}
