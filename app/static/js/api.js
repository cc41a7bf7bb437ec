// Asks the server. Remembers no answer; a refusal carries the server's own words.

import { asked, city } from "./state.js";
import { say, words } from "./words.js";

// What the server, or the network, said no with. `status` 0: no reply came.
export class Refusal extends Error {
  constructor(status, title, detail) {
    super(detail);
    Object.assign(this, { status, title });
  }
}

async function get(path, signal) {
  let reply;
  try {
    reply = await fetch(path, { signal, headers: { Accept: "application/json" } });
  } catch (fault) {
    if (fault.name === "AbortError") throw fault;
    throw new Refusal(0, say("No connection"), say("The network does not answer. Try again in a moment."));
  }
  const body = await reply.json().catch(() => ({}));
  if (reply.ok) return body;
  throw new Refusal(reply.status, body.title || say("Something went wrong"), body.detail || say("Try again in a moment."));
}

// What of the question the map's tiles take, too.
export function filters() {
  const query = new URLSearchParams();
  if (asked.needs.size) query.set("needs", [...asked.needs].join(","));
  if (asked.open !== "any") query.set("open", asked.open);
  return query;
}

let underway = null;

// The nearest places of the point asked about; a newer question ends an older one.
export async function nearest() {
  underway?.abort();
  underway = new AbortController();
  const query = filters();
  const { lon, lat } = asked.point;
  for (const [name, value] of Object.entries({ lon, lat, k: asked.k, max_distance_m: asked.reach_m, lang: words.language })) query.set(name, value);
  const found = await get("/api/v1/nearest?" + query, underway.signal);
  city.version = found.dataVersion;
  return found;
}

// One place with its state now. Alone it has none, so it is asked for as the nearest to itself.
export async function place(id, spot) {
  const stored = spot ? null : await get("/api/v1/places/" + encodeURIComponent(id) + "?lang=" + words.language);
  const [lon, lat] = spot || middle(stored.geometry);
  const query = new URLSearchParams({ lon, lat, k: 50, max_distance_m: 50, lang: words.language });
  const found = await get("/api/v1/nearest?" + query);
  const own = found.features.find((feature) => feature.id === id);
  if (!own) return { feature: stored || (await get("/api/v1/places/" + encodeURIComponent(id))), stamp: found.timeStamp };
  for (const name of ["distance_m", "bearing_deg"]) delete own.properties[name]; // from itself, not from the rider
  return { feature: own, stamp: found.timeStamp };
}

// Where a place is drawn and asked for: a street in the middle of its middle segment.
export function middle(geometry) {
  if (geometry.type === "Point") return geometry.coordinates;
  const half = geometry.coordinates.length >> 1;
  const [a, b] = geometry.coordinates.slice(half - 1, half + 1);
  return [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
}

export const areas = () => get(`/areas/${city.version}.json`);
export const gazetteer = () => get(`/gazetteer/${city.version}.json`);
export const tile = (z, x, y, query, signal) => get(`/tiles/${city.version}/${z}/${x}/${y}.json?${query}`, signal);
