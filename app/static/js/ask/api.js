// Asks the server. Remembers no answer; a refusal carries the server's own words.

import { city } from "../page/embedded.js";
import { say } from "../page/words.js";
import { learn } from "./clock.js";
import { look, orPack } from "./offline.js";
import { cellPath, HEADERS, UNKEPT } from "./question.js";

const GONE = 410; // another version of the data has taken the place of the page's

// What the server, or the network, said no with. `status` 0: no reply came.
export class Refusal extends Error {
  constructor(status, title, detail) {
    super(detail);
    Object.assign(this, { status, title });
  }
}

// What ahead.js asked already, taken once.
function begun(path) {
  if (self.ahead?.path !== path) return undefined;
  self.ahead.path = null;
  return self.ahead.reply;
}

async function get(path, options) {
  let [reply, body] = [];
  try {
    reply = await (begun(path) ?? fetch(path, { headers: HEADERS, ...options }));
    body = await reply.json();
  } catch (fault) {
    if (fault.name === "AbortError") throw fault;
    if (!reply || reply.ok)
      throw new Refusal(
        0,
        say("No connection"),
        say("The network does not answer. Try again in a moment."),
      );
  }
  if (options?.cache) learn(reply.headers);
  if (reply.ok) return body;
  if (reply.status === GONE) look();
  throw new Refusal(
    reply.status,
    body?.title || say("Something went wrong"),
    body?.detail || say("Try again in a moment."),
  );
}

// All places that may be an answer somewhere in a cell.
export const candidates = (cell, question, signal) =>
  get(cellPath(cell, question), { signal, ...UNKEPT });

// The ways from a cell to a place; kept in no cache, like the cell.
export const ways = (cell, id, mode) =>
  get(`api/v1/ways/${cell}/${encodeURIComponent(id)}?mode=${mode}`, UNKEPT);

// All that is stored of a place: nothing of its state now.
export const place = (id) =>
  orPack(get("api/v1/places/" + encodeURIComponent(id)), (packed, pack) => packed.place(pack, id));

// Where a place is drawn and asked for: a street in the middle of its middle segment.
export function middle(geometry) {
  if (geometry.type === "Point") return geometry.coordinates;
  const half = geometry.coordinates.length >> 1;
  const [a, b] = geometry.coordinates.slice(half - 1, half + 1);
  return [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
}

export const areas = () =>
  orPack(get(`areas/${city.version}.json`), (packed, pack) => packed.ground(pack));
export const mainRoads = async () => (city.roads ? get(`roads/${city.roads}.json`) : []);

// What is found of a typed text: the server is told no position, and without it the pack is asked.
export const search = (typed, signal) =>
  orPack(get("api/v1/search?k=20&q=" + encodeURIComponent(typed), { signal }), (packed, pack) =>
    packed.search(pack, typed),
  );
export const tile = (z, x, y, query, signal) =>
  get(`tiles/${city.version}/${z}/${x}/${y}.json?${query}`, { signal });
