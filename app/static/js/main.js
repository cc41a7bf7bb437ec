// Wires the page: what was asked to the list, the list to the map. Each part knows its own work and
// none of the others'.

import { middle, place, Refusal } from "./ask/api.js";
import { alone, nearest } from "./ask/cells.js";
import { geohash } from "./ask/geohash.js";
import { agreed, locate } from "./ask/locate.js";
import * as offline from "./ask/offline.js";
import { keep, kept } from "./ask/profile.js";
import { address, asked, change, coarse, onChange } from "./ask/state.js";
import * as filters from "./list/filters.js";
import * as list from "./list/list.js";
import * as modes from "./list/modes.js";
import * as order from "./list/order.js";
import { POWER, powering } from "./list/power.js";
import {
  act,
  byId,
  el,
  frame,
  icon,
  idle,
  replaceChildren,
  SOON,
  WIDE,
} from "./page/dom.js";
import { embedded } from "./page/embedded.js";
import { lazily } from "./page/lazy.js";
import { distance, lasting, reach, say, state } from "./page/words.js";
import * as navigate from "./place/navigate.js";

// For who drives the page from outside, as its tests do: the bundle has no other door.
export { change, nearest, state };

const MOST = 50;
const FEW = 3; // fewer found: which filters to relax is said

let found = null;
let map = null;

// What nobody sees before the list; once it stands, the rest comes by itself, or else when it is
// asked for.
const url = (path) => new URL(path, import.meta.url).href;
const bringOthers = lazily(() => import("./beside.js"), url("./beside.js"));
const bringMap = lazily(() => import("./map/map.js"), url("./map/map.js"));
const bringPack = lazily(() => import("./ask/pack.js"), url("./ask/pack.js"));
const LOST = say("The network does not answer. Try again in a moment.");

let others = null;
const beside = async () => (others ??= await bringOthers());
const rest = () => beside().catch(() => {});

// Do something with what comes after the list. Where it cannot be had that is said, and the next
// tap asks for it anew.
async function later(act) {
  const parts = await rest();
  return parts ? act(parts) : status(LOST);
}

// Ask for the list, and show that it is asked for. A newer question ends this one, and its answer
// is the one that is shown.
async function ask() {
  if (!asked.point) return;
  list.wait();
  replaceChildren(byId("notice"));
  replaceChildren(byId("more"));
  status(say("Looking…"));
  idle(() => bring().catch(() => {}), SOON); // told when the map is asked for
  try {
    found = await nearest();
    answer();
  } catch (fault) {
    if (fault.name !== "AbortError") refuse(fault);
  }
}

// Show the list, then what there is to say of it, then the map: each only once what stands above it
// is there.
function answer() {
  const { features, more } = found;
  list.draw(found, (feature) => open(feature));
  order.draw(found);
  if (!features.length) return nothing(found);
  status(counted(), true);
  if (!asked.include_unknown) unlisted(found);
  if (features.length < FEW) relaxing(found);
  if (more && asked.k < MOST)
    replaceChildren(
      byId("more"),
      act(say("Show more"), () => change({ k: MOST })),
    );
  map
    ? frame().then(() => map.draw(found.features, !asked.point.still))
    : loadMap().then(rest);
}

// How many, how near or how soon, and of how many nobody knows the hours.
function counted() {
  const { features, more } = found;
  const { name } = asked.point;
  const each = features.map(({ properties }) => properties);
  const unknown = each.filter(({ there }) => there.state === "unknown").length;
  const least = (key) => Math.min(...each.map((place) => place[key]));
  const soon = asked.order === "time" && each[0].eta_kind === "network";
  const best = soon
    ? say("fastest {time}", { time: lasting(least("eta_s")) })
    : say("nearest {distance}", { distance: distance(least("distance_m")) });
  const values = { n: features.length + (more ? "+" : ""), unknown, best };
  const text = unknown
    ? say("{n} found, {unknown} of unknown hours, {best}", values)
    : say("{n} found, {best}", values);
  return [text, name && say("near {name}", { name }), unsure()].filter(Boolean).join(" · ");
}

const unsure = () =>
  coarse() && say("your position may be off by {distance}", { distance: reach(coarse()) });

async function unlisted(shown) {
  const n = await beside()
    .then(({ relax }) => relax.hidden(shown))
    .catch(() => "");
  if (n && found === shown) status(counted() + " · " + say("{n} unknown not listed", { n }), true);
}

// Little was found: beneath it stands which filters to relax.
async function relaxing(shown) {
  const few = await beside()
    .then(({ relax }) => relax.few(shown.features.length))
    .catch(() => {});
  if (few && found === shown) replaceChildren(byId("more"), few);
}

// Nothing was found: why, as soon as it is known, and ways on; the plain ones where the network
// fails.
async function nothing(shown) {
  status(unsure() || "");
  map?.draw([]);
  const title = say("Nothing within {distance}", { distance: reach(asked.reach_m) });
  notice(title, say("Looking for what would help…"), []);
  const [text, on] = await beside().then(
    ({ relax: { why, ways } }) =>
      Promise.all([why().catch((fault) => fault.message), ways(0).catch(() => [])]),
    () => [LOST, []],
  );
  if (found === shown) notice(title, text, on.length ? on : elsewhere(), "empty");
}

// No list: why, and a way on. The server's words where it gave some; an error of our own goes to
// the console, too.
function refuse(fault) {
  list.clear();
  order.draw(null);
  status("");
  map?.draw([]);
  const again = act(say("Try again"), ask, "main");
  if (fault instanceof Refusal)
    return notice(
      fault.title,
      fault.message,
      fault.status === 0 || fault.status >= 500 ? [again] : elsewhere(),
    );
  console.error(fault); // our own mistake, or a browser that knows less than we believe
  notice(say("Something went wrong"), say("Try again in a moment."), [again, byStreet()]);
}

const WHY = {
  insecure: say("This page is not on https, so the phone does not tell it where you are."),
  missing: say("This browser cannot tell where you are. Search, tap the map, or go by street."),
  denied: say(
    "The phone did not share its location. You can allow it in the browser's settings, or go on without:",
  ),
  unavailable: say("The phone cannot tell where it is at the moment."),
};

// Go by the phone's position: `point` is a promise of it, which ahead.js may have begun already.
async function useLocation(point = locate()) {
  const button = byId("locate");
  button.setAttribute("aria-busy", "true");
  status(say("Finding where you are…"));
  if (!asked.point) list.wait();
  try {
    byId("q").value = "";
    goTo(await point);
  } catch (why) {
    status("");
    if (!asked.point) list.clear();
    notice(say("Where are you?"), WHY[why] || WHY.unavailable, elsewhere());
  } finally {
    button.removeAttribute("aria-busy");
  }
}

// What the map is among the layers over the list: it comes (`lay`), or goes (`lift`).
const layer = (does) => later(({ layers }) => layers[does]("map", () => view("list")));

// Ways on without a position from the phone.
const elsewhere = () => [
  act(say("Search"), () => byId("q").focus(), "main", "search"),
  act(say("Tap the map"), () => view("map"), "", "map"),
  byStreet(),
];

const byStreet = () =>
  el(
    "a",
    { class: "act", href: "./?street=&lang=" + document.documentElement.lang },
    say("By street office"),
  );

// What stands in place of the list. With the map in sight the list is hidden, so that its heading
// is told there, too.
function notice(title, text, ways, look = "") {
  replaceChildren(
    byId("notice"),
    el(
      "div",
      { class: "say " + look },
      el("h2", {}, title),
      el("p", {}, text),
      el("div", { class: "acts" }, ...ways),
    ),
  );
  if (document.body.dataset.view === "map" && !WIDE.matches) status(title + " · " + text);
}

function welcome() {
  rest();
  list.clear();
  const ways = [
    act(say("Find near me"), () => useLocation(), "main", "locate"),
    ...elsewhere().slice(1),
  ];
  notice(
    say("Tired? Thirsty? Cold food?"),
    say(
      "Tap what you need, and the phone asks to share where you are. It is used for this search and kept nowhere.",
    ),
    ways,
  );
}

// What is plain to see on the map (`quiet`) is told there to screen readers only.
function status(text, quiet = false) {
  byId("status").textContent = text;
  byId("status").classList.toggle("quiet", quiet);
}

function goTo(point) {
  change({ point });
  map?.here(point, !point.still);
}

// Show what is known of a place; the rest comes after it.
async function open(feature, stamp = found.timeStamp, whole = null) {
  const { sheet } = others ?? (await rest()) ?? {}; // once it is there, a tap is answered at once
  if (!sheet) return status(LOST);
  sheet.show({ feature, stamp }, { locate: onMap, mark: list.mark });
  const spot = spotOf(feature);
  map?.choose(feature.id, spot);
  if (feature.properties.eta_kind === "network")
    others.route.lead(feature.id, spot, async () => (await loadMap(), map));
  try {
    const { properties } = whole ?? (await place(feature.id));
    sheet.fill(feature, properties, spot);
  } catch (fault) {
    sheet.lack(feature.id, fault.message);
  }
}

const spotOf = ({ geometry, properties }) => properties.nearest_point || middle(geometry);

async function onMap(feature) {
  await view("map");
  map?.choose(feature.id, spotOf(feature));
}

// Open a place of which only the id is known: from the map, the search box or the page's address.
// Its state now comes with the candidates of its own cell, and for those its spot must be known
// first.
async function openById(id, spot, feature) {
  if (feature) return open(feature);
  try {
    const whole = spot ? null : await place(id);
    const { feature, timeStamp } = await alone(id, spot || middle(whole.geometry));
    await open(feature || whole || (await place(id)), timeStamp, whole);
  } catch (fault) {
    refuse(fault);
  }
}

// Show the list or the map on a narrow screen, now and at the next visit; a wide one shows both.
async function view(name) {
  keep("view", name);
  document.body.dataset.view = name;
  const other = name === "map" ? "list" : "map";
  replaceChildren(
    byId("flip"),
    icon(other),
    el("span", {}, other === "map" ? say("Map") : say("List")),
  );
  if (name === "map") {
    layer("lay");
    await loadMap();
  }
  map?.resize();
  scrollTo(0, 0);
}

// Leaflet is heavier than all the rest: its files come while the list is awaited, behind it, and
// run when it stands.
let brought = false;
function bring() {
  if (!brought) prefetch(embedded("map-described"));
  brought = true;
  return bringMap();
}

function prefetch({ scripts, styles }) {
  for (const href of [...scripts, ...styles])
    document.head.append(el("link", { rel: "prefetch", href }));
}

let loading = null;
function loadMap() {
  // In pieces with a frame between them: drawing all at once would keep a thumb waiting, and what is
  // measured has been laid out.
  loading ??= bring().then(async (loaded) => {
    await loaded.start({
      point: asked.point,
      pick: (spot) =>
        byId("sheet").hidden
          ? goTo({ ...spot, name: say("the spot you tapped") })
          : others.sheet.close(),
      choose: openById,
      search: (lon, lat) => goTo({ lon, lat, name: say("this part of the map"), still: true }),
    });
    map = loaded;
    await frame();
    map.here(asked.point, true);
    await frame();
    if (found) map.draw(found.features, true);
  });
  return loading.catch(
    () => (
      (loading = null),
      status(say("The map cannot be loaded at the moment; the list works."))
    ),
  );
}

function start() {
  navigate.start({ choose: (place, done) => later(({ apps }) => apps.choose(place, done)) });
  filters.start({
    openFilters: () => later(({ filterSheet }) => filterSheet.open()),
    openTraveller: () => later(({ traveller }) => traveller.open({ place: openById, near: goTo })),
  });
  order.start();
  modes.start();
  onChange((changes) => {
    if (!changes.point) showNeeds(), filters.draw();
    if (changes.needs) keep("needs", [...changes.needs].join(","));
    if (!("place" in changes)) ask();
    else if (!changes.place) map?.choose(null);
  });
  byId("search").addEventListener("submit", (event) => event.preventDefault());
  for (const type of ["focus", "input"]) byId("q").addEventListener(type, seek);
  byId("locate").addEventListener("click", () => useLocation());
  byId("flip").addEventListener("click", () =>
    document.body.dataset.view === "map" ? layer("lift") : view("map"),
  );
  byId("needs").addEventListener("click", ({ target }) =>
    toggle(target.closest("button")?.dataset.need),
  );
  offline.start({ again: ask, zone: (point) => geohash(point, 5), pack: bringPack });
  showNeeds();
  idle(filters.draw, SOON); // a long row, most of it out of sight
  if (kept("view") === "map") view("map");
  begin();
  document.documentElement.dataset.script = "running"; // guard.js watched until here
}

// The search box is used for the first time.
let searching = false;
const seek = () =>
  later(({ search }) => {
    if (searching) return;
    searching = true;
    search.start((spot) => {
      goTo({ lon: spot.lon, lat: spot.lat, name: spot.name, searched: true });
      if (spot.id) openById(spot.id, [spot.lon, spot.lat]);
    });
  });

// One of the large buttons. The first tap also asks where the rider is.
function toggle(need) {
  if (!need) return;
  const needs = new Set(asked.needs);
  if (!needs.delete(need)) needs.add(need);
  change(need === POWER ? powering(needs.has(POWER)) : { needs });
  if (!asked.point) useLocation();
}

// What was chosen above the chips.
function showNeeds() {
  for (const button of byId("needs").children)
    button.setAttribute("aria-pressed", asked.needs.has(button.dataset.need));
  modes.draw();
  byId("lang").href = address({ lang: byId("lang").hreflang });
}

async function begin() {
  const place = asked.place;
  const { agreed: may = agreed(), point } = self.ahead ?? {};
  if (asked.point) {
    byId("q").value = asked.point.name;
    goTo(asked.point);
  } else if (await may) await useLocation(point);
  else welcome();
  if (place) await openById(place);
  if (WIDE.matches) loadMap();
}

start();
