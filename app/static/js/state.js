// What the rider asks for, and its mirror in the address bar. The position is never in it, nor stored anywhere.

import { told } from "./dom.js";
import { profile } from "./profile.js";
import { words } from "./words.js";

export const city = told("city");

// The filters that are sets, as the address and the API call them, with the words each may hold.
export const SETS = { needs: words.needs, kinds: words.kinds, services: words.services, audience: words.audiences, door: words.doors };
export const sets = (made) => Object.fromEntries(Object.keys(SETS).map((name) => [name, made(name)]));
const FILTERS = [...Object.keys(SETS), "open", "stay_min", "reach_m", "include_unknown"];
const OPENS = ["now", "at_arrival", "24h", "any"];
const SHORT = 10;
const lang = new URLSearchParams(location.search).get("lang");

function read(query) {
  const set = (name) => new Set((query.get(name) || "").split(",").filter((word) => Object.hasOwn(SETS[name], word)));
  const open = query.get("open");
  return {
    ...sets(set),
    open: OPENS.includes(open) ? open : "now",
    stay_min: open === "at_arrival" ? Number(query.get("stay_min")) : 0,
    reach_m: Number(query.get("max_distance_m")) || profile().reach_m,
    include_unknown: query.get("include_unknown") !== "false",
  };
}

// Nothing chosen, and so the filters of a first visit.
export const blank = () => read(new URLSearchParams());

const start = new URLSearchParams(location.search);
export const asked = {
  point: null, // { lon, lat, accuracy_m?, name?, still? }: still, where the map shows it already
  mode: profile().mode,
  k: SHORT,
  place: start.get("place"),
  ...read(start),
};

const listeners = [];
export const onChange = (listener) => listeners.push(listener);
const tell = (changes) => listeners.forEach((listener) => listener(changes));
export const filtered = (changes) => FILTERS.some((name) => name in changes);

// Take changes over, write the address, tell everybody. A new question starts short again; another filter is another
// page of history, so that the back button takes it back.
export function change(changes) {
  if (!("k" in changes || "place" in changes)) asked.k = SHORT;
  Object.assign(asked, together(changes));
  const step = filtered(changes) && address() !== location.pathname + location.search;
  step ? history.pushState(null, "", address()) : history.replaceState(history.state, "", address());
  tell(changes);
}

// One can only stay where one arrives.
export function together(changes) {
  if (changes.stay_min) return { ...changes, open: "at_arrival" };
  return changes.open && changes.open !== "at_arrival" ? { ...changes, stay_min: 0 } : changes;
}

addEventListener("popstate", () => {
  const before = address();
  const then = read(new URLSearchParams(location.search));
  Object.assign(asked, then);
  if (address() !== before) tell(then);
});

const renewals = [];
export const onRenew = (listener) => renewals.push(listener);

// A reply is of another version of the data: what was drawn from the one before is drawn anew.
export function takeOver({ dataVersion, synthetic }) {
  if (dataVersion === city.version) return;
  if (synthetic !== city.synthetic) throw (anew(), new DOMException("", "AbortError"));
  city.version = dataVersion;
  renewals.forEach((listener) => listener());
}

// Made-up places are called so from the first paint on: another page, and none that is kept here.
async function anew() {
  for (const name of (await self.caches?.keys()) || []) await caches.delete(name);
  location.reload();
}

export function address(changes = {}) {
  const now = { ...asked, lang, ...changes };
  const query = [];
  if (now.lang) query.push("lang=" + encodeURIComponent(now.lang));
  for (const name in SETS) if (now[name].size) query.push(name + "=" + [...now[name]].join(","));
  if (now.open !== "now") query.push("open=" + now.open);
  if (now.stay_min) query.push("stay_min=" + now.stay_min);
  if (now.reach_m !== profile().reach_m) query.push("max_distance_m=" + now.reach_m);
  if (!now.include_unknown) query.push("include_unknown=false");
  if (now.place) query.push("place=" + encodeURIComponent(now.place));
  return query.length ? "/?" + query.join("&") : "/";
}

// The question as plain values, as rank.js and the server take it.
export function question(changes = {}) {
  const now = { ...asked, ...together(changes) };
  return {
    ...sets((name) => [...now[name]]),
    open: now.open,
    includeUnknown: now.include_unknown,
    k: now.k,
    maxDistanceM: now.reach_m,
    mode: now.mode,
    stayMin: now.stay_min,
  };
}
