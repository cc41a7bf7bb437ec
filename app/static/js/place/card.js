// What a card of the list and the sheet say of a place in the same words: how far it is, its state
// now, what it offers.

import { profile } from "../ask/profile.js";
import { asked } from "../ask/state.js";
import { el } from "../page/dom.js";
import {
  arriving,
  distance,
  lasting,
  minutes,
  MODE_WORDS,
  say,
  services,
  state,
  wind,
} from "../page/words.js";

// How far, how long on the way, and whither: by road the time stands first.
export function away(place) {
  const [far, whither] = [distance(place.distance_m), " · " + wind(place.bearing_deg)];
  if (place.eta_kind !== "network")
    return [el("b", {}, far), minutes(place.eta_s, asked.mode) + whither];
  return [
    el("b", {}, lasting(place.eta_s) + " · " + far),
    say("{mode}, by road", { mode: MODE_WORDS[asked.mode] }) + whither,
  ];
}

// Where the road is the long way round.
export const round = (place) =>
  place.round &&
  el(
    "span",
    { class: "state opening_soon" },
    say("{time}, though {distance} away", {
      time: lasting(place.eta_s),
      distance: distance(place.distance_m),
    }),
  );

// The services as labels: first those that were asked for or that the rider's profile likes.
export const offered = (place) =>
  services(place, asked.needs, [...asked.services, ...profile().likes]);

// What it is now and, if that was asked, on arrival.
export function opening(open, stamp) {
  const there = open.at_arrival && open.at_arrival !== open.state && arriving(open.at_arrival);
  return [
    el("span", { class: "state " + open.state }, state(open, stamp)),
    there && el("span", { class: "state " + open.at_arrival }, there),
  ].filter(Boolean);
}

export const chip = ({ label, asked }) => el("li", { class: asked && "asked" }, label);
