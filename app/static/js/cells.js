// The nearest places of a point, from the candidates of its cell: the server is told the cell and never the point.

import { candidates } from "./api.js";
import { local, now, quarter } from "./clock.js";
import { links } from "./links.js";
import { rank, WORDS } from "./rank.js";
import { asked, city, question, sets } from "./state.js";
import { words } from "./words.js";

const LETTERS = "0123456789bcdefghjkmnpqrstuvwxyz";
const ALONE = 8; // the finest cell, for one place
const USUAL = 7; // where the server names no length
const ANYTHING = { ...sets(() => []), open: "any", includeUnknown: true };
const services = Object.keys(words.services);
const audiences = Object.keys(words.audiences);
const chosen = (names, bits) => names.filter((_, bit) => (bits / 2 ** bit) & 1);

// Halves lon and lat in turn (Niemeyer 2008).
export function geohash({ lon, lat }, length) {
  const sides = [
    [-180, 180, lon],
    [-90, 90, lat],
  ];
  let letters = "";
  for (let bits = 1, step = 0; letters.length < length; step++) {
    const side = sides[step % 2];
    const middle = (side[0] + side[1]) / 2;
    const upper = side[2] >= middle;
    side[upper ? 0 : 1] = middle;
    bits = bits * 2 + upper;
    if (bits < 32) continue;
    letters += LETTERS[bits - 32];
    bits = 1;
  }
  return letters;
}

let held = null;
let underway = null;

// What the rider asks, ranked anew at each call; asks the server only for another cell, quarter hour or question.
// A newer question ends an older one.
export async function nearest() {
  underway?.abort();
  underway = new AbortController();
  const { point } = asked;
  held = await current(held, usual(point), question(), underway.signal);
  return answer(held, point);
}

// What the rider would be told with these changes. What is shown stays, and its successor ends this, too.
export async function would(changes) {
  const { point } = asked;
  return answer(await current(null, usual(point), question(changes), underway?.signal), point);
}

const usual = (point) => geohash(point, city.cells[geohash(point, 4)] ?? USUAL);

// One place with its state now, of which the server learns the place's own cell. Undefined where fifty are nearer.
export async function alone(id, [lon, lat]) {
  const point = { lon, lat };
  const here = { ...ANYTHING, k: 50, maxDistanceM: 50, mode: asked.mode, stayMin: 0 };
  const { features, timeStamp } = answer(await current(null, geohash(point, ALONE), here), point);
  const feature = features.find((one) => one.id === id);
  for (const name of ["distance_m", "bearing_deg", "eta_s"]) delete feature?.properties[name]; // from itself, not from the rider
  return { feature, timeStamp };
}

// The candidates of a cell in this quarter hour: those known, or asked for. A reply may show that the quarter is another.
async function current(known, name, question, signal) {
  const instant = now();
  const query = { ...question, at: local(quarter(instant)) };
  const key = JSON.stringify([name, query]);
  if (known?.key === key) return { ...known, instant };
  const cell = await candidates(name, query, signal);
  city.version = cell.dataVersion;
  return current({ key, cell, question }, name, question, signal);
}

function answer({ cell, question, instant }, point) {
  const { hits, more } = rank(cell, { ...question, ...point, at: instant }, city.estimate);
  return { features: hits.map((hit) => feature(hit, Date.parse(cell.at), question)), more, timeStamp: local(instant) };
}

// As /api/v1/nearest writes it, with what a cell knows.
function feature(hit, start, { open, mode }) {
  const until = hit.change == null ? null : local(start + hit.change * 60e3);
  const line = Array.isArray(hit.where[0]);
  return {
    id: hit.id,
    geometry: { type: line ? "LineString" : "Point", coordinates: hit.where },
    properties: {
      name: hit.name,
      name_en: hit.nameEn,
      kind: hit.kind,
      distance_m: hit.metres,
      bearing_deg: hit.bearing,
      eta_s: hit.etaS,
      open: { state: WORDS[hit.state], until, ...(open === "at_arrival" && { at_arrival: WORDS[hit.arrival] }) },
      services: chosen(services, hit.services),
      access: { door: hit.door, audience: chosen(audiences, hit.audience) },
      phones: hit.phone ? [hit.phone] : [],
      nearest_point: line ? hit.lonlat : null,
      navigate: links(hit.lonlat, hit.name, "", mode),
    },
  };
}
