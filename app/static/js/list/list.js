// The list of the nearest places, in the order the server gave. Sorts and filters nothing itself.

import { today } from "../ask/clock.js";
import { byId, el, frame, icon, replaceChildren } from "../page/dom.js";
import { age, named, say } from "../page/words.js";
import { away, chip, decided, offered } from "../place/card.js";
import { call, go } from "../place/navigate.js";

const MOST_CHIPS = 3;
const IN_SIGHT = 4; // cards on a phone's screen
// What stands above the first card of those that are no certain ones.
const HEADINGS = {
  unknown: say("Hours unknown: call first"),
  closed: say("Closed when you get there"),
};

let drawn = null;

// What is in sight is painted before the rest is made. `choose(feature)` is called when a card is
// tapped.
export async function draw(found, choose) {
  const cards = (features) =>
    features.flatMap((feature) => [
      heading(feature, found.features),
      card(feature, found.timeStamp, choose),
    ]);
  drawn = found;
  replaceChildren(byId("list"), ...cards(found.features.slice(0, IN_SIGHT)).filter(Boolean));
  await frame();
  if (drawn !== found) return;
  byId("list").append(...cards(found.features.slice(IN_SIGHT)).filter(Boolean));
  byId("list").setAttribute("aria-busy", "false");
}

// Grey bars where the list will stand.
export function wait() {
  if (byId("list").querySelector(".bone")) return; // as it comes in the page
  const bone = () =>
    el("li", { class: "card bone", "aria-hidden": "true" }, el("span"), el("span"), el("span"));
  drawn = null;
  replaceChildren(byId("list"), bone(), bone(), bone(), bone());
  byId("list").setAttribute("aria-busy", "true");
}

export function clear() {
  drawn = null;
  replaceChildren(byId("list"));
  byId("list").setAttribute("aria-busy", "false");
}

// Make the card of a place stand out, and bring it into sight; null: none.
export function mark(id) {
  for (const card of byId("list").children) {
    card.classList.toggle("chosen", card.dataset.id === id);
    if (card.dataset.id === id) card.scrollIntoView({ block: "nearest", inline: "center" });
  }
}

function heading({ id, properties: { there } }, features) {
  const first = features.find(({ properties }) => properties.there.state === there.state);
  if (first.id !== id || !HEADINGS[there.state]) return null;
  return el(
    "li",
    { class: "part " + there.state },
    el("h2", {}, HEADINGS[there.state]),
  );
}

function card(feature, stamp, choose) {
  const place = feature.properties;
  const name = el(
    "button",
    { type: "button", dir: "auto", click: () => choose(feature) },
    named(place),
  );
  return el(
    "li",
    { class: "card", "data-id": feature.id, "data-there": place.there.state },
    el("h2", {}, name),
    el("p", { class: "verdict" }, ...decided(place, stamp)),
    el("p", { class: "far" }, ...away(place)),
    el(
      "div",
      { class: "gives" },
      chips(offered(place)),
      el("span", { class: "age" }, age(place.checked, today())),
    ),
    ways(place),
  );
}

// The two round buttons of a card: the way there and the telephone; where nobody knows the hours one
// calls first.
function ways(place) {
  const label = say("Navigate to {name}", { name: place.name });
  const there = (look) =>
    go(place, { class: "round " + look, "aria-label": label }, icon("go"));
  const phone = (look) => call(place, { class: "round " + look });
  const both =
    place.there.state === "unknown" && phone("")
      ? [phone("go"), there("")]
      : [there(place.there.state === "closed" ? "" : "go"), phone("")];
  return el("div", { class: "ways" }, ...both);
}

const chips = (all) =>
  el("ul", { class: "has", "aria-label": say("Services") }, ...all.slice(0, MOST_CHIPS).map(chip));
