// One place, everything known of it, in a sheet over the list or beside the map. Unknown is said, never guessed.

import { byId, el, icon } from "./dom.js";
import { chip, mark, opening } from "./list.js";
import { APPS, call, dialled, way } from "./navigate.js";
import { address, asked, change } from "./state.js";
import { distance, named, say, services, wind, words } from "./words.js";

let from = null;

// Show a place; the phone's back button closes it. `locate` puts it on the map.
export function show({ feature, stamp }, locate) {
  const sheet = byId("sheet");
  if (sheet.hidden) from = document.activeElement;
  sheet.replaceChildren(...parts(feature, stamp, locate));
  sheet.hidden = false;
  sheet.scrollTop = 0;
  byId("flip").hidden = true;
  byId("sheet-name").focus({ preventScroll: true });
  mark(feature.id);
  if (!history.state?.sheet) history.pushState({ sheet: true }, "", address({ place: feature.id }));
  change({ place: feature.id });
}

export const isOpen = () => !byId("sheet").hidden;

export function close() {
  if (!isOpen()) return;
  if (history.state?.sheet) history.back();
  else shut();
}

function shut() {
  byId("sheet").hidden = true;
  byId("flip").hidden = false;
  mark(null);
  change({ place: null });
  from?.isConnected && from.focus({ preventScroll: true });
}

export function start() {
  addEventListener("popstate", () => isOpen() && shut());
  addEventListener("keydown", (event) => event.key === "Escape" && !byId("nowhere")?.open && close());
}

function parts(feature, stamp, locate) {
  const place = feature.properties;
  return [
    el("div", { class: "sheet-top" },
      el("div", {},
        el("p", { class: "kind" }, icon(place.kind), words.kinds[place.kind]),
        el("h2", { id: "sheet-name", tabindex: "-1", dir: "auto" }, named(place))),
      el("button", { class: "round", type: "button", "aria-label": say("Close"), click: close }, icon("close"))),
    el("p", { class: "about" }, place.open && opening(place.open, stamp), away(place)),
    el("div", { class: "apps", role: "group", "aria-label": say("Navigate") }, ...apps(place), call(place, { class: "act" }, say("Call"))),
    el("dl", { class: "facts" }, ...facts(place)),
    el("div", { class: "acts" }, el("button", { class: "act", type: "button", click: () => locate(feature) }, icon("map"), say("Show on the map"))),
  ];
}

const away = (place) => place.distance_m != null && distance(place.distance_m) + " · " + wind(place.bearing_deg);

const apps = (place) => (place.navigate ? APPS.map(([app, label], at) => way(place.navigate[app], { class: at ? "act" : "act main" }, at ? null : icon("go"), label)) : []);

function facts(place) {
  const list = (values, table) => values.map((value) => table[value] ?? value).join(say(", "));
  const has = el("ul", { class: "has" }, ...services(place, asked.needs).map(chip));
  const where = place.address || [place.district, place.street].filter(Boolean).join(" ");
  return [
    fact("clock", say("Opening hours"), place.opening_hours_text || place.opening_hours || say("Unknown")),
    fact("list", say("Services"), place.services.length ? has : say("Unknown")),
    fact("door", say("How to get in"), words.doors[place.access.door]),
    fact("people", say("Who is welcome"), place.access.audience.length ? list(place.access.audience, words.audiences) : say("Unknown")),
    fact("pin", say("Address"), where || say("Unknown")),
    fact("gift", say("Offer"), place.offers),
    fact("rest", say("Seats"), place.capacity),
    fact("driver_home", say("Sections"), list(place.zones, words.zones)),
    fact("phone", say("Phone"), place.phones.filter((phone) => !dialled(phone)).join(say(", "))),
    fact("people", say("Run by"), place.operator),
    fact("check", say("Last checked"), checked(place.verified)),
  ].filter(Boolean);
}

function fact(picture, title, value) {
  if (value == null || value === "") return null;
  return el("div", {}, icon(picture), el("dt", {}, title), el("dd", { dir: "auto" }, value));
}

function checked(verified) {
  if (!verified?.at) return say("Never, as far as is known");
  return say("{date}, {days} days ago", { date: verified.at, days: verified.age_days });
}
