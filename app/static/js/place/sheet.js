// One place, everything known of it, in a sheet over the list or beside the map. Unknown is said,
// never guessed.

import { today } from "../ask/clock.js";
import { links } from "../ask/links.js";
import { address, asked, change } from "../ask/state.js";
import { act, byId, el, icon, replaceChildren } from "../page/dom.js";
import { city, words } from "../page/embedded.js";
import { lay, lift } from "../page/layers.js";
import { named, say, state, what } from "../page/words.js";
import { away, byRoad, chip, decided, offered, round } from "./card.js";
import * as drag from "./drag.js";
import { star } from "./kept.js";
import { call, dialled, go, rechoose, way } from "./navigate.js";
import { share } from "./share.js";
import { appName } from "./ways_out.js";

let from = null; // what had the focus before
let mark = null;

// Show a place; the phone's back button closes it. Over the map it opens low. `locate(feature)`
// puts it on the map, `mark(id)` makes its card in the list stand out, and none with null.
export function show({ feature, stamp }, { locate, mark: markCard }) {
  const sheet = byId("sheet");
  const opens = sheet.hidden;
  if (opens) from = document.activeElement;
  mark = markCard;
  replaceChildren(sheet, drag.grip, ...parts(feature, stamp, locate));
  sheet.hidden = false;
  sheet.scrollTop = 0;
  drag.settle(opens ? Number(document.body.dataset.view !== "map") : undefined);
  byId("flip").hidden = true;
  byId("sheet-name").focus({ preventScroll: true });
  mark(feature.id);
  // One page of history for the sheet, however many places are looked at in it: back closes it.
  lay("sheet", shut, address({ place: feature.id }));
  change({ place: feature.id });
}

// The rest of the place shown has come: hours in words, address, all phones. A link that has the
// focus stays.
export function fill(feature, rest, spot) {
  if (asked.place !== feature.id) return;
  const sheet = byId("sheet");
  const { name, address: where } = rest;
  const navigate = links(spot, name, where ?? "", asked.mode, city.shifted);
  const properties = { ...feature.properties, ...rest, navigate };
  sheet.querySelector(".door").replaceWith(door(properties));
  replaceChildren(sheet.querySelector(".rest"), ...facts(properties));
  // A link under a finger or with the focus must not be exchanged for another.
  const ways = sheet.querySelector(".apps");
  if (!ways.contains(document.activeElement)) replaceChildren(ways, ...leave(properties));
  drag.settle();
}

// The rest cannot be had, and why.
export const lack = (id, why) =>
  asked.place === id &&
  byId("sheet")
    .querySelector(".rest")
    .append(el("p", {}, why));

const isOpen = () => !byId("sheet").hidden;

export const close = () => isOpen() && lift("sheet");

function shut() {
  const card = `[data-id="${asked.place}"] button`;
  byId("sheet").hidden = true;
  byId("flip").hidden = false;
  mark(null);
  change({ place: null });
  // Later than the browser, which puts the focus where an address that is gone back to points. The
  // list may have been drawn anew.
  setTimeout(() => (from.isConnected ? from : document.querySelector(card))?.focus({ preventScroll: true }));
}

drag.start(byId("sheet"), close);
addEventListener(
  "keydown",
  (event) => event.key === "Escape" && !document.querySelector("dialog[open]") && close(),
);

function parts(feature, stamp, locate) {
  const place = feature.properties;
  return [
    el(
      "div",
      { class: "sheet-top" },
      el(
        "div",
        {},
        el("p", { class: "kind" }, icon(place.kind), what(place)),
        el("h2", { id: "sheet-name", tabindex: "-1", dir: "auto" }, named(place)),
      ),
      el(
        "button",
        { class: "round", type: "button", "aria-label": say("Close"), click: close },
        icon("close"),
      ),
    ),
    place.there && el("p", { class: "verdict" }, ...decided(place, stamp)),
    el("p", { class: "about" }, place.open?.until && state(place.open, stamp), round(place), within(place)),
    far(place),
    door(place),
    el("div", { class: "apps", role: "group", "aria-label": say("Navigate") }, ...leave(place)),
    el("dl", { class: "facts rest" }, ...facts(place)),
    el(
      "div",
      { class: "acts" },
      act(say("Show on the map"), () => (drag.settle(0), locate(feature)), "", "map"),
      star(feature),
      act(
        say("Share"),
        ({ currentTarget }) => share(currentTarget, named(place), "p/" + feature.id),
        "",
        "share",
      ),
      el(
        "a",
        { class: "act", href: `p/${feature.id}?lang=${words.language}` },
        icon("list"),
        say("Page of this place"),
      ),
    ),
  ].filter(Boolean);
}

const far = (place) =>
  place.distance_m != null && el("p", { class: "far" }, ...away(place), byRoad(place));

// How far a place may be from where it is drawn.
const within = ({ radius_m }) =>
  radius_m == null ? null : say("Position about ±{m} m", { m: Math.round(radius_m) });

function leave(place) {
  const there = go(
    place,
    { class: "act main" },
    icon("go"),
    appName() ? say("Navigate with {app}", { app: appName() }) : say("Navigate"),
  );
  const other =
    appName() &&
    act(say("Other map"), () =>
      rechoose(place, () => replaceChildren(byId("sheet").querySelector(".apps"), ...leave(place))),
    );
  return [there, other, call(place, { class: "act" }, say("Call"))].filter(Boolean);
}

function facts(place) {
  const list = (values, table) => values.map((value) => table[value] ?? value).join(say(", "));
  const has = el("ul", { class: "has" }, ...offered(place).map(chip));
  const where = place.address || [place.district, place.street].filter(Boolean).join(" ");
  const services = fact("list", say("Services"), place.services.length ? has : say("Unknown"));
  // What a cell tells; the rest is on its way.
  if (!place.provenance) return [services];
  return [
    fact(
      "clock",
      say("Opening hours"),
      place.opening_hours_text || place.opening_hours || say("Unknown"),
    ),
    services,
    fact("list", say("Perhaps also"), list(place.maybe ?? [], words.services)),
    fact(
      "people",
      say("Who is welcome"),
      place.access.audience.length ? list(place.access.audience, words.audiences) : say("Unknown"),
    ),
    fact("pin", say("Address"), lines([where || say("Unknown"), aboutWhere(place)])),
    fact("pin", say("Floor"), place.level),
    fact("people", say("Wheelchair"), words.wheelchairs[place.wheelchair]),
    fact("gift", say("Price"), words.fees[place.fee]),
    fact("gift", say("Offer"), place.offers),
    fact("rest", say("Seats"), place.capacity),
    fact("driver_home", say("Sections"), list(place.zones, words.zones)),
    fact("phone", say("Phone"), place.phones.filter((phone) => !dialled(phone)).join(say(", "))),
    fact("people", say("Run by"), place.operator),
    fact("check", say("Last checked"), checked(place.provenance.verified_at)),
  ].filter(Boolean);
}

const lines = (texts) =>
  el("span", {}, ...texts.filter(Boolean).map((text) => el("span", { class: "line" }, text)));

// Before all that leads away, so that it is in sight when the sheet opens.
const door = ({ access }) =>
  el("dl", { class: "facts door" }, fact("door", say("How to get in"), wayIn(access)));

// The door, whether one must have registered, how, and where: a link that leaves for another site.
function wayIn({ door, entry }) {
  const { register, how, url } = entry ?? {};
  const site = url && /^https:/.test(url) && new URL(url).hostname;
  return lines([
    words.doors[door],
    register === "yes" ? el("b", {}, words.registers.yes) : words.registers[register],
    how,
    site && way(url, { class: "out" }, say("To register: {site} (another site)", { site })),
  ]);
}

// A place that was worked out from its address is not quite where it is drawn.
function aboutWhere({ position, radius_m }) {
  if (position !== "located") return null;
  return within({ radius_m }) ?? say("Worked out from the address; it may stand elsewhere.");
}

function fact(picture, title, value) {
  if (value == null || value === "") return null;
  return el("div", {}, icon(picture), el("dt", {}, title), el("dd", { dir: "auto" }, value));
}

function checked(date) {
  if (!date) return say("Never, as far as is known");
  const days = (today() - Date.parse(date)) / 86400e3;
  return say("{date}, {days} days ago", { date, days });
}
