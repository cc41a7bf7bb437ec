// Asks the server. Remembers no answer; a refusal carries the server's own words.

import { learn } from "./clock.js";
import { look, orPack } from "./offline.js";
import { city, SETS } from "./state.js";
import { say, words } from "./words.js";

const GONE = 410; // another version of the data has taken the place of the page's

// What the server, or the network, said no with. `status` 0: no reply came.
export class Refusal extends Error {
  constructor(status, title, detail) {
    super(detail);
    Object.assign(this, { status, title });
  }
}

async function get(path, options) {
  let [reply, body] = [];
  try {
    reply = await fetch(path, { headers: { Accept: "application/json", "Accept-Language": words.language }, ...options });
    body = await reply.json();
  } catch (fault) {
    if (fault.name === "AbortError") throw fault;
    if (!reply || reply.ok) throw new Refusal(0, say("No connection"), say("The network does not answer. Try again in a moment."));
  }
  if (options?.cache) learn(reply.headers);
  if (reply.ok) return body;
  if (reply.status === GONE) look();
  throw new Refusal(reply.status, body?.title || say("Something went wrong"), body?.detail || say("Try again in a moment."));
}

// What of a question the map's tiles take, too.
export function filters(question) {
  const query = new URLSearchParams();
  for (const name in SETS) if (question[name].length) query.set(name, question[name].join(","));
  if (question.open !== "any") query.set("open", question.open);
  if (!question.includeUnknown) query.set("include_unknown", "false");
  return query;
}

// All places that may be an answer somewhere in a cell. Kept in no cache: its date is now, and the phone holds no trace.
export function candidates(cell, { at, ...question }, signal) {
  const query = filters(question);
  const { open, k, maxDistanceM, mode, stayMin } = question;
  const arriving = open === "at_arrival" && { mode, stay_min: stayMin }; // else the same for all who ask
  const byRoad = city.roads && { mode, by: "time" };
  for (const [name, value] of Object.entries({ ...arriving, ...byRoad, at, k, max_distance_m: maxDistanceM })) query.set(name, value);
  return get(`/api/v1/nearest/cell/${cell}?${query}`, { signal, cache: "no-store" });
}

// The ways from a cell to a place; kept in no cache, like the cell.
export const ways = (cell, id, mode) => get(`/api/v1/ways/${cell}/${encodeURIComponent(id)}?mode=${mode}`, { cache: "no-store" });

// All that is stored of a place: nothing of its state now.
export const place = (id) => orPack(get("/api/v1/places/" + encodeURIComponent(id)), (packed, pack) => packed.place(pack, id));

// Where a place is drawn and asked for: a street in the middle of its middle segment.
export function middle(geometry) {
  if (geometry.type === "Point") return geometry.coordinates;
  const half = geometry.coordinates.length >> 1;
  const [a, b] = geometry.coordinates.slice(half - 1, half + 1);
  return [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
}

export const areas = () => orPack(get(`/areas/${city.version}.json`), (packed, pack) => packed.ground(pack));
export const mainRoads = async () => (city.roads ? get(`/roads/${city.roads}.json`) : []);
export const gazetteer = () => orPack(get(`/gazetteer/${city.version}.json`), (packed, pack) => packed.gazetteer(pack));
export const tile = (z, x, y, query, signal) => get(`/tiles/${city.version}/${z}/${x}/${y}.json?${query}`, { signal });
