// What riders say, and what they are told: begun once list and map stand. Each part knows its own
// work; this one joins them to the page.

import { hear } from "../ask/cells.js";
import { asked, change } from "../ask/state.js";
import { byId, el } from "../page/dom.js";
import * as directory from "./directory.js";
import { use } from "./drawer.js";
import * as mine from "./mine.js";
import { concerns, over } from "./over.js";
import * as plate from "./plate.js";
import * as report from "./report.js";
import * as said from "./said.js";
import * as send from "./send.js";
import * as told from "./told.js";
import * as wish from "./wish.js";
import * as words from "./words.js";
import * as zones from "./zones.js";

const style = () =>
  new Promise((ready) => {
    const href = new URL("../../css/voice.css", import.meta.url).href;
    document.head.append(el("link", { rel: "stylesheet", href, load: ready, error: ready }));
  });

// `drawer` is the drawer that questions are put in.
export async function start(drawer) {
  use(drawer);
  await Promise.all([words.bring(), style()]);
  zones.start();
  hear(over);
  const [cards, sheet] = [told.watch(), report.watch()];
  wish.watch();
  byId("who").before(directory.door());
  said.start(async (changed) => {
    await zones.renew(said.notices());
    zones.tell();
    const other = asked.notices !== zones.closing();
    const listed = changed.some((id) => byId("list").querySelector(cardOf(id)));
    if (asked.point && (other || listed || concerns(changed))) again();
    cards();
    sheet();
  });
  send.start({
    sent: ({ key }, { id, expires }) => {
      mine.change(key, { id, ends: Date.parse(expires) });
      tell(words.say("What waited on this phone has been sent. Thank you."));
      said.ask();
    },
    refused: ({ key }, why) => (mine.remove(key), tell(why)),
  });
  plate.start((known) => {
    sheet();
    if (!known) tell(words.say("This plate is not known here, or no longer valid."));
  });
}

const cardOf = (id) => `[data-id="${CSS.escape(id)}"]`;

// The list anew, by what is said; who had the focus has it again.
function again() {
  const id = document.activeElement?.closest(".card")?.dataset.id;
  const top = scrollY;
  change({ notices: zones.closing(), k: asked.k });
  if (!id) return;
  const back = () => byId("list").querySelector(cardOf(id) + " button");
  new MutationObserver((_, watching) => {
    back()?.focus({ preventScroll: true });
    scrollTo(0, top);
    watching.disconnect();
  }).observe(byId("list"), { childList: true });
}

let line = null;

// One line above the list; a newer one takes its place.
function tell(text) {
  line?.remove();
  const mine = (line = el("p", { class: "aged", role: "status" }, text));
  byId("answer").before(mine);
  setTimeout(() => mine.remove(), 8000);
}
