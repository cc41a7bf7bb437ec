// Where nothing is found: I would like a station here. Sent are the cell of some 1 km, what one
// needs, how one travels and the hour; never the point.

import { local, now } from "../ask/clock.js";
import { geohash } from "../ask/geohash.js";
import { SETS } from "../ask/question.js";
import { asked } from "../ask/state.js";
import { act, byId, el, replaceChildren } from "../page/dom.js";
import * as drawer from "./drawer.js";
import { words } from "../page/embedded.js";
import { key, send } from "./send.js";
import { say } from "./words.js";

const CELL = 6;

// The offer stands with the other ways on, wherever an empty result is told.
export function watch() {
  const place = byId("notice");
  const put = () => {
    const ways = place.querySelector(".empty .acts");
    if (!ways || ways.querySelector(".wish")) return;
    ways.append(act(say("I would like a station here"), open, "wish", "star"));
  };
  new MutationObserver(put).observe(place, { childList: true, subtree: true });
  put();
}

function open() {
  const needs = new Set(asked.needs.size ? asked.needs : ["rest"]);
  const hour = Number(local(now()).slice(11, 13));
  const { point, mode } = asked;
  const said = el("div", { role: "status" });
  const need = (name) => {
    const button = el(
      "button",
      {
        class: "chip",
        type: "button",
        "aria-pressed": String(needs.has(name)),
        click: () => {
          needs.delete(name) || needs.add(name);
          button.setAttribute("aria-pressed", String(needs.has(name)));
        },
      },
      SETS.needs[name],
    );
    return button;
  };
  const wish = async () => {
    if (!needs.size) return replaceChildren(said, el("p", {}, say("Choose at least one.")));
    const body = { cell: geohash(point, CELL), needs: [...needs], mode, hour };
    const { taken, later, why } = await send({ key: key(), path: "api/v1/wishes", body });
    const link = el("a", { class: "act", href: `wishes?lang=${words.language}` }, say("What others wish for"));
    if (why) return replaceChildren(said, el("p", { class: "refused" }, why));
    drawer.open(
      say("Thank you"),
      el(
        "p",
        { role: "status" },
        later
          ? say("Your wish is kept on this phone and sent as soon as it can be.")
          : say("Your wish counts. It is shown with others’ once three have wished for the same area."),
      ),
      el("div", { class: "acts" }, taken && link),
    );
  };
  drawer.open(
    say("I would like a station here"),
    el(
      "p",
      {},
      say("Sent are an area of about a kilometre, what you need, how you travel, and the hour: {hour}:00. Not where you are.", { hour }),
    ),
    el("h3", {}, say("What should it have?")),
    el("div", { class: "choices" }, ...Object.keys(SETS.needs).map(need)),
    el("div", { class: "acts" }, act(say("Send my wish"), wish, "main")),
    said,
  );
}
