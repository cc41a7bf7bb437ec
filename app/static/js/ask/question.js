// A question: read from an address of the page, written as the API takes it. Touches neither the
// page nor the network.

import { city, words } from "../page/embedded.js";
import { kept, profile } from "./profile.js";

// The filters that are sets, as the address and the API call them, with the words each may hold.
export const SETS = {
  needs: words.needs,
  kinds: words.kinds,
  services: words.services,
  audience: words.audiences,
  door: words.doors,
};
export const sets = (made) =>
  Object.fromEntries(Object.keys(SETS).map((name) => [name, made(name)]));
const OPENS = ["now", "at_arrival", "24h", "any"];
export const USUAL_OPEN = "at_arrival"; // a place that closes before one gets there is of no use
export const SHORT = 10;

// A number that the API takes, else 0: an address may say anything.
const upTo = (most, text) => (text > 0 && text <= most ? Number(text) : 0);

// The filters of an address; of an empty one those of a first visit.
export function read(query) {
  const set = (name) =>
    new Set(
      (query.get(name) || "").split(",").filter((word) => Object.keys(SETS[name]).includes(word)),
    );
  const open = query.get("open");
  return {
    ...sets(set),
    open: OPENS.includes(open) ? open : USUAL_OPEN,
    stay_min:
      (open ?? USUAL_OPEN) === USUAL_OPEN ? upTo(480, query.get("stay_min")) | 0 : 0,
    reach_m: upTo(50_000, query.get("max_distance_m")) || profile().reach_m,
    include_unknown: query.get("include_unknown") !== "false",
    register: query.get("register") === "no" ? "no" : "any",
  };
}

// What a page asks that is opened at an address; one that says nothing goes by the last needs.
export function opened(query) {
  const isBare = ![...query.keys()].some((name) => name !== "lang");
  const bare = isBare && new URLSearchParams({ needs: kept("needs") || "" });
  return { mode: profile().mode, k: SHORT, ...read(bare || query) };
}

// The point that an address of the page holds: one that was searched for, never the phone's own.
export function searched(query) {
  const [lon, lat] = (query.get("near") || "").split(",").map(Number);
  const name = query.get("near_name");
  return Math.abs(lon) <= 180 && Math.abs(lat) <= 90 && name
    ? { lon, lat, name, searched: true }
    : null;
}

// As plain values, as rank.js and the server take it.
export function plain(asked) {
  return {
    ...sets((name) => [...asked[name]]),
    open: asked.open,
    includeUnknown: asked.include_unknown,
    register: asked.register,
    notices: asked.notices, // their revision, where one of them closes an area: voice/zones.js
    k: asked.k,
    maxDistanceM: asked.reach_m,
    mode: asked.mode,
    stayMin: asked.stay_min,
  };
}

// What of a question the map's tiles take, too.
export function filters(question) {
  const query = new URLSearchParams();
  for (const name in SETS) if (question[name].length) query.set(name, question[name].join(","));
  if (question.open !== "any") query.set("open", question.open);
  if (!question.includeUnknown) query.set("include_unknown", "false");
  if (question.register === "no") query.set("register", "no");
  if (question.notices) query.set("notices", question.notices);
  return query;
}

// Where the candidates of a cell are asked for.
export function cellPath(cell, { at, ...question }) {
  const query = filters(question);
  const { open, k, maxDistanceM, mode, stayMin } = question;
  // Else the same for all who ask.
  const arriving = open === "at_arrival" && { mode, stay_min: stayMin };
  const byRoad = city.roads && { mode, by: "time" };
  // Where it is asked who is open, certain ones and unknown ones are proved apart.
  const sections = open !== "any" && question.includeUnknown && { sections: 2 };
  for (const [name, value] of Object.entries({
    ...sections,
    ...arriving,
    ...byRoad,
    at,
    k,
    max_distance_m: maxDistanceM,
  }))
    query.set(name, value);
  return `api/v1/nearest/cell/${cell}?${query}`;
}

// How the page asks its server; a cell is kept in no cache: its date is now, and the phone holds no
// trace.
export const HEADERS = { Accept: "application/json", "Accept-Language": words.language };
export const UNKEPT = { cache: "no-store" };
