// The list of the nearest places, in the order the server gave. Sorts and filters nothing itself.

import { profile } from "../ask/profile.js";
import { asked } from "../ask/state.js";
import { byId, el, frame, icon, replaceChildren } from "../page/dom.js";
import { words } from "../page/embedded.js";
import { named, say, what } from "../page/words.js";
import { away, chip, offered, opening, round } from "../place/card.js";
import { call, go } from "../place/navigate.js";

const MOST_CHIPS = 5;
const IN_SIGHT = 4; // cards on a phone's screen

let drawn = null;

// What is in sight is painted before the rest is made. `choose(feature)` is called when a card is
// tapped.
export async function draw(found, choose) {
  const cards = (features) => features.map((feature) => card(feature, found.timeStamp, choose));
  drawn = found;
  replaceChildren(byId("list"), ...cards(found.features.slice(0, IN_SIGHT)));
  await frame();
  if (drawn !== found) return;
  byId("list").append(...cards(found.features.slice(IN_SIGHT)));
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

function card(feature, stamp, choose) {
  const place = feature.properties;
  const name = el(
    "button",
    { type: "button", dir: "auto", click: () => choose(feature) },
    named(place),
  );
  return el(
    "li",
    { class: "card", "data-id": feature.id },
    el("p", { class: "far" }, ...away(place), " · " + what(place)),
    ways(place),
    el("h2", {}, name),
    el(
      "p",
      { class: "about" },
      ...opening(place.open, stamp),
      round(place),
      words.doors[place.access.door],
      welcome(place),
      within(place),
    ),
    chips(offered(place)),
  );
}

// Who is welcome, where that is somebody else than the rider, or is asked and not known.
function welcome({ access: { audience } }) {
  const sought = asked.audience.size ? [...asked.audience] : [profile().who];
  if (!audience.length)
    return asked.audience.size
      ? el("span", { class: "state unknown" }, say("Not known who is welcome"))
      : null;
  if (
    !Object.keys(words.audiences).includes(sought[0]) ||
    sought.some((who) => audience.includes(who))
  )
    return null;
  return el(
    "span",
    { class: "state opening_soon" },
    say("For {who}", { who: audience.map((who) => words.audiences[who]).join(say(", ")) }),
  );
}

// How far a place may be from where it is drawn.
function within({ radius_m }) {
  return radius_m == null ? null : say("Position about ±{m} m", { m: Math.round(radius_m) });
}

// The two round buttons of a card: the way there, and the telephone.
function ways(place) {
  const label = say("Navigate to {name}", { name: place.name });
  const there = go(place, { class: "round go", "aria-label": label }, icon("go"));
  return el("div", { class: "ways" }, there, call(place, { class: "round" }));
}

// The first services as labels, and how many more there are.
function chips(all) {
  const shown = all.slice(0, MOST_CHIPS).map(chip);
  if (all.length > MOST_CHIPS) shown.push(el("li", {}, "+" + (all.length - MOST_CHIPS)));
  return el("ul", { class: "has", "aria-label": say("Services") }, ...shown);
}
