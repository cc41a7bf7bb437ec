// Lays what riders say over a cell of candidates, as geodata/snapshot/overlay.py lays it over a
// snapshot: it only takes away, or turns unknown hours to open. Asks nobody.

import { middle } from "../ask/api.js";
import { MOST } from "../ask/cells.js";
import { words } from "../page/embedded.js";
import { counts, isShut, of, verified } from "./said.js";
import { isClosed } from "./zones.js";

const [OPEN, UNKNOWN] = [1, 2];
const EVER = 1e9; // minutes
const DAY_MS = 86400e3;
// Where a candidate's services, hours and day of checking stand (ask/rank.js).
const [SERVICES, HOURS, CHECKED] = [6, 8, 13];
// What a place lacks while this is said: needs, the first of which its services are gone with.
const LACKS = { no_water: ["water", "heat_food"], no_power: ["recharge"] };
const services = Object.keys(words.services);

const ranked = new Set();

// Whether a list that was asked for depends on what is said of these places.
export const concerns = (ids) => ids.some((id) => ranked.has(id));

// The cell as it is now: who is kept out is closed, of unknown hours and called open is open, and
// who lacks what is asked for is not there.
export function over(cell, asked) {
  for (const [id] of cell.places) ranked.add(id);
  if (!cell.places.some((place) => of(place[0]).length || verified(place[0]) || isKeptOut(place)))
    return cell;
  const rows = cell.places.map((_, row) => row).filter((row) => !lacks(cell.places[row], asked));
  return {
    ...cell,
    more: less(cell, asked),
    places: rows.map((row) => changed(cell.places[row], cell)),
    hours: [...cell.hours, [[], null], [[[-EVER, EVER, OPEN]], null]],
    squares: cell.squares && {
      ...cell.squares,
      seconds: rows.map((row) => cell.squares.seconds[row]),
      beyond: rows.map((row, at) => [row, at])
        .filter(([row]) => cell.squares.beyond?.includes(row))
        .map(([, at]) => at),
    },
  };
}

// How many of a cell's candidates a question loses, where it can ask for more.
const less = ({ places }, asked) =>
  asked.k < MOST &&
  places.filter(
    (place) => lacks(place, asked) || (/^(now|at_arrival)$/.test(asked.open) && isKeptOut(place)),
  ).length;

// By riders' word, or by a notice about the area that it lies in.
const isKeptOut = ([id, where]) =>
  isShut(id) || isClosed(middle({ type: Array.isArray(where[0]) ? "" : "Point", coordinates: where }));

function changed(place, { hours }) {
  const [id] = place;
  const made = [...place];
  if (isKeptOut(place)) made[HOURS] = hours.length;
  else if (isUnknown(hours[place[HOURS]]) && said(id, "open")) made[HOURS] = hours.length + 1;
  for (const [bit] of gone(place)) made[SERVICES] -= 2 ** bit;
  if (verified(id)) made[CHECKED] = Math.max(Date.parse(verified(id)) / DAY_MS, place[CHECKED]);
  return made;
}

const said = (id, type) => of(id).some((one) => one.type === type && counts(one));
const isUnknown = ([intervals]) =>
  intervals.length && intervals.every(([, , state]) => state === UNKNOWN);

const lacks = (place, { needs, services: wanted }) =>
  lacking(place).some((type) => LACKS[type].some((need) => needs.includes(need))) ||
  gone(place).some(([, service]) => wanted.includes(service));

const lacking = ([id]) => Object.keys(LACKS).filter((type) => said(id, type));

// The services that a place has and does not offer now, each with its bit.
const gone = (place) =>
  lacking(place).flatMap((type) =>
    services
      .map((service, bit) => [bit, service])
      .filter(
        ([bit, service]) =>
          Math.floor(place[SERVICES] / 2 ** bit) % 2 &&
          words.serves[service]?.includes(LACKS[type][0]),
      ),
  );
