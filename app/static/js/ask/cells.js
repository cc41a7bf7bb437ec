// The nearest places of a point, from the candidates of its cell: the server is told the cell and
// never the point.

import { city, words } from "../page/embedded.js";
import { candidates } from "./api.js";
import { local, now, quarter } from "./clock.js";
import { geohash, usual } from "./geohash.js";
import { links } from "./links.js";
import { back, orPack } from "./offline.js";
import { sets } from "./question.js";
import { rank, WORDS } from "./rank.js";
import { asked, question, takeOver } from "./state.js";

const DAY_MS = 86400e3;
const ALONE = 8; // the finest cell, for one place
export const MOST = 50; // candidates that a cell gives at once
const ANYTHING = { ...sets(() => []), open: "any", includeUnknown: true };
const services = Object.keys(words.services);
const audiences = Object.keys(words.audiences);
const chosen = (names, bits) => names.filter((_, bit) => (bits / 2 ** bit) & 1);

let held = null;
let underway = null;
// Lays what riders say over a cell, once voice/ is there, and counts in `more` whom a question loses
// by it, as far as others can be asked for.
let over = (cell) => cell;
export const hear = (given) => (over = given);

// What the rider asks, ranked anew at each call; asks the server only for another cell, quarter
// hour or question. A newer question ends an older one.
export async function nearest() {
  underway?.abort();
  const { signal } = (underway = new AbortController());
  const { point } = asked;
  const found = await current(held, point, usual(point), question(), signal);
  if (signal.aborted) throw new DOMException("", "AbortError");
  if (found.reply) return withoutNetwork(found, point);
  held = found;
  return answer(held, point);
}

// An answer from the pack, until the cell's reply comes after all. Where the pack ends too near to
// say that there is nothing, the reply is waited for.
function withoutNetwork(found, point) {
  const { reply, key, question } = found;
  reply.then(
    (cell) => back((held = { key, cell, question })),
    () => {},
  );
  const list = answer(found, point);
  return list.features.length || found.complete ? list : reply.then(() => nearest());
}

// What the rider would be told with these changes. What is shown stays, and its successor ends
// this, too.
export async function would(changes) {
  const { point } = asked;
  return answer(
    await current(null, point, usual(point), question(changes), underway?.signal),
    point,
  );
}

// One place with its state now, of which the server learns the place's own cell. Undefined where
// fifty are nearer.
export async function alone(id, [lon, lat]) {
  const point = { lon, lat };
  const here = { ...ANYTHING, k: 50, maxDistanceM: 50, mode: asked.mode, stayMin: 0 };
  const { features, timeStamp } = answer(await current(null, point, ALONE, here), point);
  const feature = features.find((one) => one.id === id);
  // From itself, not from the rider.
  for (const name of ["distance_m", "bearing_deg", "eta_s"]) delete feature?.properties[name];
  return { feature, timeStamp };
}

// The candidates of a point's cell in this quarter hour: those known, or asked for, or with the
// `reply` still to come those of the pack. A reply may show that the quarter is another.
async function current(known, point, length, question, signal, more = known?.more ?? 0) {
  const instant = now();
  const query = { ...question, k: Math.min(MOST, question.k + more), at: local(quarter(instant)) };
  const key = JSON.stringify([geohash(point, length), query]);
  // Where candidates fall away by what riders say, as many more are asked for.
  const enough = (found) => {
    const lost = !found.reply && over(found.cell, query).more;
    return lost > more ? current(null, point, length, question, signal, lost) : found;
  };
  if (known?.key === key) return enough({ ...known, instant });
  const reply = candidates(geohash(point, length), query, signal);
  const cell = await orPack(reply, (packed, pack) =>
    packed.cell(pack, question, quarter(instant), point),
  );
  takeOver(cell);
  if (!cell.reach) return current({ key, cell, question, more }, point, length, question, signal);
  const complete = cell.reach >= question.maxDistanceM;
  return {
    key,
    cell,
    question: { ...question, maxDistanceM: Math.min(question.maxDistanceM, cell.reach) },
    instant,
    reply,
    complete,
  };
}

function answer({ cell, question, instant }, point) {
  const fastest = asked.order === "time";
  const exact = { ...question, ...point, at: instant, fastest, apart: true };
  const { hits, more } = rank(over(cell, question), exact, city.estimate);
  const byRoad = hits.some((hit) => hit.byRoad);
  return {
    features: hits.map((hit) => feature(hit, Date.parse(cell.at), question)),
    more,
    timeStamp: local(instant),
    byRoad,
  };
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
      type: hit.type,
      radius_m: hit.radiusM,
      distance_m: hit.metres,
      bearing_deg: hit.bearing,
      eta_s: hit.etaS,
      eta_kind: hit.byRoad ? "network" : "estimate",
      round: hit.round,
      there: {
        state: WORDS[hit.verdict],
        reason: hit.reasonThere,
        open_min: hit.openFor,
        perhaps: WORDS[hit.arrival] === "closing_soon",
      },
      open: {
        state: WORDS[hit.state],
        until,
        ...(hit.reason && { reason: hit.reason }),
        ...(open === "at_arrival" && { at_arrival: WORDS[hit.arrival] }),
      },
      services: chosen(services, hit.services),
      access: {
        door: hit.door,
        audience: chosen(audiences, hit.audience),
        entry: hit.register && { register: hit.register },
      },
      checked: hit.checked == null ? null : hit.checked * DAY_MS,
      phones: hit.phone ? [hit.phone] : [],
      nearest_point: line ? hit.lonlat : null,
      navigate: links(hit.lonlat, hit.name, "", mode, city.shifted),
    },
  };
}
