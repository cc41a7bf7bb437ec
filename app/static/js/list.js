// The list of the nearest places, in the order the server gave. Sorts and filters nothing itself.

import { byId, el, icon } from "./dom.js";
import { call, way } from "./navigate.js";
import { asked } from "./state.js";
import { distance, minutes, named, say, services, state, wind, words } from "./words.js";

const MOST_CHIPS = 5;

// `choose(feature)` is called when a card is tapped.
export function draw(found, choose) {
  const list = byId("list");
  list.replaceChildren(...found.features.map((feature) => card(feature, found.timeStamp, choose)));
  list.setAttribute("aria-busy", "false");
}

export function wait() {
  const bone = () => el("li", { class: "card bone", "aria-hidden": "true" }, el("span"), el("span"), el("span"));
  byId("list").replaceChildren(bone(), bone(), bone(), bone());
  byId("list").setAttribute("aria-busy", "true");
}

export function clear() {
  byId("list").replaceChildren();
  byId("list").setAttribute("aria-busy", "false");
}

export function mark(id) {
  for (const card of byId("list").children) card.classList.toggle("chosen", card.dataset.id === id);
}

function card(feature, stamp, choose) {
  const place = feature.properties;
  const name = el("button", { type: "button", dir: "auto", click: () => choose(feature) }, named(place));
  return el(
    "li",
    { class: "card", "data-id": feature.id },
    el("p", { class: "far" }, el("b", {}, distance(place.distance_m)), away(place) + " · " + words.kinds[place.kind]),
    ways(place),
    el("h2", {}, name),
    el("p", { class: "about" }, opening(place.open, stamp), words.doors[place.access.door]),
    chips(services(place, asked.needs)),
  );
}

// How long on foot, and whither.
export const away = (place) => minutes(place.eta_s) + " · " + wind(place.bearing_deg);
export const opening = (open, stamp) => el("span", { class: "state " + open.state }, state(open, stamp));

function ways(place) {
  const label = say("Navigate to {name}", { name: place.name });
  const go = way(place.navigate.amap, { class: "round go", "aria-label": label }, icon("go"));
  return el("div", { class: "ways" }, go, call(place, { class: "round" }));
}

function chips(all) {
  const shown = all.slice(0, MOST_CHIPS).map(chip);
  if (all.length > MOST_CHIPS) shown.push(el("li", {}, "+" + (all.length - MOST_CHIPS)));
  return el("ul", { class: "has", "aria-label": say("Services") }, ...shown);
}

export const chip = ({ label, asked }) => el("li", { class: asked && "asked" }, label);
