// The nearest places of a point, from the candidates of its cell: the server is told the cell and never the point.

import { candidates } from "./api.js";
import { local, now, quarter } from "./clock.js";
import { links } from "./links.js";
import { rank, WORDS } from "./rank.js";
import { asked, city } from "./state.js";
import { words } from "./words.js";

const LETTERS = "0123456789bcdefghjkmnpqrstuvwxyz";
const ALONE = 8; // the finest cell, for one place
const USUAL = 7; // where the server names no length
const MODE = "walk";
const services = Object.keys(words.services);

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
  const { point, open, k, reach_m: maxDistanceM } = asked;
  const length = city.cells[geohash(point, 4)] ?? USUAL;
  held = await current(held, geohash(point, length), { needs: [...asked.needs], open, k, maxDistanceM }, underway.signal);
  return answer(held, point);
}

// One place with its state now, of which the server learns the place's own cell. Undefined where fifty are nearer.
export async function alone(id, [lon, lat]) {
  const point = { lon, lat };
  const question = { needs: [], open: "any", k: 50, maxDistanceM: 50 };
  const { features, timeStamp } = answer(await current(null, geohash(point, ALONE), question), point);
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
  const { hits, more } = rank(cell, { ...question, ...point, at: instant, includeUnknown: true, mode: MODE }, city.estimate);
  return { features: hits.map((hit) => feature(hit, Date.parse(cell.at))), more, timeStamp: local(instant) };
}

// As /api/v1/nearest writes it, with what a cell knows.
function feature(hit, start) {
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
      open: { state: WORDS[hit.state], until },
      services: services.filter((_, bit) => (hit.services / 2 ** bit) & 1),
      access: { door: hit.door },
      phones: hit.phone ? [hit.phone] : [],
      nearest_point: line ? hit.lonlat : null,
      navigate: links(hit.lonlat, hit.name, "", MODE),
    },
  };
}
