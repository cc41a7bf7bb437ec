// What the clocks of a time zone show, daylight saving included: geodata/hours/zone.py. The zone is
// the dataset's, wherever the phone is.

import { quarter, written } from "./instant.js";

const MINUTE_MS = 60e3;
const DAY_MS = 86400e3;
const QUARTER_MS = 900e3; // clocks change on quarters of an hour
const WEEK_MS = 7 * DAY_MS; // and not twice in a week
const looks = {};
const offsets = {};

// How far a zone is ahead of UTC at an instant, in ms.
function ahead(zone, ms) {
  const since = quarter(ms);
  return (offsets[zone + since] ??= shown(zone, since) - since);
}

// What the wall clock shows, as if it were UTC.
function shown(zone, ms) {
  looks[zone] ??= new Intl.DateTimeFormat("en", {
    timeZone: zone,
    hour12: false,
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
  });
  // "11/21/2026, 24:15", as some browsers write midnight.
  const [month, day, year, hour, minute] = looks[zone].format(ms).match(/\d+/g);
  return Date.UTC(year, month - 1, day, hour % 24, minute);
}

// An instant as RFC 3339 has it, in a zone.
export const local = (zone, ms) => written(ms, ahead(zone, ms));

// The day (since 1970) that an instant lies in, and the minutes since it began.
export function dayOf(zone, ms) {
  const day = Math.floor((ms + ahead(zone, ms)) / DAY_MS);
  return [day, (ms - began(zone, day)) / MINUTE_MS];
}

// The steps of the clock in so many times 24 hours from the beginning of a day on: from which
// minute on, and how far the clock is then ahead of the minutes that passed since midnight.
export function steps(zone, day, count) {
  const begin = began(zone, day);
  return [begin, ...changes(zone, begin, begin + count * DAY_MS)].map((at) => [
    (at - begin) / MINUTE_MS,
    (begin + ahead(zone, at) - day * DAY_MS) / MINUTE_MS,
  ]);
}

// The first instant of a day: midnight, or where the clocks skip it, when they do.
function began(zone, day) {
  const midnight = day * DAY_MS;
  const from = midnight - 2 * DAY_MS;
  let before = ahead(zone, from);
  for (const at of changes(zone, from, midnight + 2 * DAY_MS)) {
    const after = ahead(zone, at);
    if (midnight - before < at) break;
    if (midnight - after < at) return at;
    before = after;
  }
  return midnight - before;
}

// The instants between two at which a zone's clocks change.
function changes(zone, from, to) {
  const found = [];
  for (let low = from; low < to; low += WEEK_MS) {
    let same = low;
    let other = Math.min(low + WEEK_MS, to);
    const before = ahead(zone, same);
    if (ahead(zone, other) === before) continue;
    while (other - same > QUARTER_MS) {
      const middle = same + ((other - same) / QUARTER_MS >> 1) * QUARTER_MS;
      if (ahead(zone, middle) === before) same = middle;
      else other = middle;
    }
    if (other < to) found.push(other);
  }
  return found;
}
