// What the rider asks for, and its mirror in the address bar. The phone's position is never in it,
// nor stored anywhere.

import { city, words } from "../page/embedded.js";
import { kept, profile } from "./profile.js";
import { opened, plain, read, searched, SETS, SHORT, USUAL_OPEN } from "./question.js";

const FILTERS = [...Object.keys(SETS), "open", "stay_min", "reach_m", "include_unknown", "register"];
const start = new URLSearchParams(location.search);
const lang = start.get("lang") === words.language && words.language;

// Nothing chosen, and so the filters of a first visit.
export const blank = () => read(new URLSearchParams());

export const asked = {
  // { lon, lat, accuracy_m?, name?, still?, searched? }: still, where the map shows it already;
  // only one that was searched for stands in the address.
  point: searched(start),
  // By time where times by road are known.
  order: kept("order") === "distance" ? "distance" : "time",
  place: start.get("place"),
  ...opened(start),
};

// The change that drops one word of a filter; a door that nobody knows is never asked for alone.
export function without(name, word) {
  const left = new Set(asked[name]);
  left.delete(word);
  return { [name]: left.size === 1 && left.has("unknown") ? new Set() : left };
}

const COARSE_M = 1000;
const WIDEST_M = 50_000;
// By how many metres the phone may be wrong about where it is, where that is worth telling; else 0.
// What is in reach from anywhere there is listed.
export const coarse = () =>
  asked.point?.accuracy_m > COARSE_M ? Math.ceil(asked.point.accuracy_m / 100) * 100 : 0;

const listeners = [];
export const onChange = (listener) => listeners.push(listener);
const tell = (changes) => listeners.forEach((listener) => listener(changes));
export const filtered = (changes) => FILTERS.some((name) => name in changes);

// Take changes over, write the address, tell everybody. A new question starts short again; another
// filter is another page of history, so that the back button takes it back.
export function change(changes) {
  if (!("k" in changes || "place" in changes)) asked.k = SHORT;
  Object.assign(asked, together(changes));
  if (address() !== location.pathname + location.search) write(filtered(changes));
  tell(changes);
}

// What lies over the list stays; the page of a layer that is gone is taken over (page/layers.js).
function write(step) {
  const state = history.state || {};
  const kind = step && !state.spent ? "pushState" : "replaceState";
  history[kind](step ? { layers: state.layers } : state, "", address());
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
  if (now.open !== USUAL_OPEN) query.push("open=" + now.open);
  if (now.stay_min) query.push("stay_min=" + now.stay_min);
  if (now.reach_m !== profile().reach_m) query.push("max_distance_m=" + now.reach_m);
  if (!now.include_unknown) query.push("include_unknown=false");
  if (now.register === "no") query.push("register=no");
  if (now.point?.searched) {
    query.push("near=" + now.point.lon + "," + now.point.lat);
    query.push("near_name=" + encodeURIComponent(now.point.name));
  }
  if (now.place) query.push("place=" + encodeURIComponent(now.place));
  return location.pathname + (query.length ? "?" + query.join("&") : "");
}

// The question, or with changes another, as rank.js and the server take it.
export function question(changes = {}) {
  const made = { ...asked, ...together(changes) };
  return plain({ ...made, reach_m: Math.min(WIDEST_M, made.reach_m + coarse()) });
}
