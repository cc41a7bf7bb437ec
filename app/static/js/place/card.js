// What a card of the list and the sheet say of a place in the same words: whether one gets in, how
// far it is, what it offers.

import { profile } from "../ask/profile.js";
import { asked } from "../ask/state.js";
import { el } from "../page/dom.js";
import { words } from "../page/embedded.js";
import { distance, lasting, MODE_WORDS, say, services, verdict, wind } from "../page/words.js";

// How long on the way, how far, and whither; an estimate says that it is one.
export function away({ eta_kind, eta_s, distance_m, bearing_deg }) {
  const time = { time: lasting(eta_s) };
  return [
    el("b", {}, eta_kind === "network" ? time.time : say("≈ {time}", time)),
    el("span", { class: "metres" }, distance(distance_m)),
    wind(bearing_deg),
  ];
}

// By which roads the time is known, for who looks closer.
export const byRoad = ({ eta_kind }) =>
  eta_kind === "network" &&
  el("span", {}, say("{mode}, by road", { mode: MODE_WORDS[asked.mode] }));

// Whether one gets in when one is there, and how: the door, or what matters before it.
export function decided(place, stamp) {
  const [look, text] = verdict(place, stamp);
  return [el("span", { class: "state " + look }, text), entrance(place)];
}

const entrance = (place) =>
  welcome(place) ??
  (place.access.entry?.register === "yes"
    ? el("span", { class: "first" }, say("Register first"))
    : el("span", {}, words.doors[place.access.door]));

// Who is welcome, where that is somebody else than the rider, or is asked and not known.
function welcome({ access: { audience } }) {
  const sought = asked.audience.size ? [...asked.audience] : [profile().who];
  if (!audience.length)
    return asked.audience.size
      ? el("span", { class: "first" }, say("Not known who is welcome"))
      : null;
  if (
    !Object.keys(words.audiences).includes(sought[0]) ||
    sought.some((who) => audience.includes(who))
  )
    return null;
  return el(
    "span",
    { class: "first" },
    say("For {who}", { who: audience.map((who) => words.audiences[who]).join(say(", ")) }),
  );
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

export const chip = ({ label, asked }) => el("li", { class: asked && "asked" }, label);
