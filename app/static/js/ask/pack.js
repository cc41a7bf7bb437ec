// The city as a phone keeps it: a pack's columns as the reply for a cell, as a place, as what is
// searched. Asks nobody.

import { find } from "./find.js";
import { metresBetween, stateAt } from "./rank.js";
import { dayOf, local, steps } from "./zone.js";

const DAY = 1440;
const DAY_MS = 86400e3;
const HORIZON = 2 * DAY; // longer than any way and stay
const MOST_AHEAD = 400 * DAY; // how far the next change is looked for
const CLOSED = 0;
const OPEN = 1;
const UNKNOWN = 2;
// The needs that public places are listed for where nothing is asked (geodata/vocabulary.py).
const LISTED_FOR = ["rest", "water", "heat_food", "recharge"];
// Why hours are unknown that a day like any other (0) would tell, by the treatment of the day.
const REASONS = [null, "holiday", "adjusted_workday", "calendar"];

// Columns as they are used: degrees, and the order of ids, by which the server ranks equal
// distances.
export function unpack(pack) {
  // Neighbouring rows lie close together: their differences are small numbers, which compress.
  const degrees = (differences) => {
    let sum = 0;
    return differences.map((step) => (sum += step) / pack.steps);
  };
  const order = [];
  const { ids } = pack;
  [...ids.keys()]
    .sort((a, b) => (ids[a] < ids[b] ? -1 : 1))
    .forEach((row, rank) => (order[row] = rank));
  return { ...pack, lon: degrees(pack.lon), lat: degrees(pack.lat), order };
}

// A column either lists a value for each row, or says for each row which of its few values is
// meant, unless all have the first.
const which = (column, row) => column.rows[row] ?? 0;
const value = (column, row) => (column.rows ? column.values[which(column, row)] : column[row]);
const properties = (pack, row) =>
  Object.fromEntries(
    Object.entries(pack.properties).map(([name, column]) => [name, value(column, row)]),
  );

// What the map draws beneath the places; its streets are the pack's own.
export const ground = (pack) => ({
  ...pack.ground,
  lanes: Object.entries(pack.lines).map(([row, course]) => [
    pack.properties.name[row],
    pack.properties.name_en[row] ?? "",
    course,
  ]),
});

const where = (pack, row) => pack.lines[row] || [pack.lon[row], pack.lat[row]];
// Sets of words are numbers, a bit for each word; 2 ** n instead of 1 << n, as there may be more
// than 31.
const bits = (words, found) => found.reduce((sum, word) => sum + 2 ** words.indexOf(word), 0);
const services = (pack, row) => pack.serves.filter((_, bit) => (pack.services[row] / 2 ** bit) & 1);

// How a day (since 1970) is treated: plain, holiday, adjusted workday; beyond the calendar.
function treatment({ calendar }, day) {
  const kind = calendar.kinds[day - calendar.first];
  return kind ? Math.max(0, kind - 6) : 3;
}

// The plan of a row of hours on a day so treated: geodata/hours, "dates to plans".
function plan({ table }, row, day, treated) {
  const [base, , dated] = table.rows[row];
  const date = new Date(day * DAY_MS);
  const yearly = (date.getUTCMonth() + 1) * 100 + date.getUTCDate();
  // The first dated rule that holds on this day; one that comes back every year is compared as
  // month and day (1231 is the 31st of December), the others as days since 1970.
  const span = dated.find(
    ([first, last, everyYear]) =>
      first <= (everyYear ? yearly : day) && (everyYear ? yearly : day) <= last,
  );
  // 1970 began on a Thursday.
  return table.plans[table.weeks[span ? span[3] : base][treated * 7 + ((day + 3) % 7)]];
}

// Intervals of a row in minutes that passed since `day` began, over so many times 24 hours:
// hours.timeline.
function timeline(pack, row, day, days) {
  const clock = wall(pack, day, days);
  const found = [];
  for (const [start, end, state] of clock.passed(painted(pack, row, clock.day, clock.days))) {
    const last = found[found.length - 1];
    // What goes on where the clocks change is one interval.
    if (last && last[1] === start && last[2] === state) last[1] = end;
    else found.push([start, end, state]);
  }
  return found;
}

// The days of the wall clock that such a timeline is made of: one more at either end where the
// clocks change. `passed` makes spans since the first of them into minutes that passed since `day`
// began: what the clock shows twice stands there twice, and what it skips not at all.
function wall(pack, day, days) {
  const found = steps(pack.timezone, day, days);
  if (found.length === 1 && !found[0][1]) return { day, days, passed: (spans) => spans };
  const passed = (spans) =>
    found.flatMap(([since, ahead], n) => {
      const until = n + 1 < found.length ? found[n + 1][0] : days * DAY;
      return spans
        .map(([start, end, what]) => [
          Math.max(start - DAY - ahead, since),
          Math.min(end - DAY - ahead, until),
          what,
        ])
        .filter(([start, end]) => start < end);
    });
  return { day: day - 1, days: days + 2, passed };
}

// Intervals of a row in minutes of the wall clock since the midnight of `day`, over `days` days.
// Open wins over unknown. `treat` says how a day is treated.
function painted(pack, row, day, days, treat = treatment) {
  const planned = (ahead) => plan(pack, row, day + ahead, treat(pack, day + ahead));
  const of = { [OPEN]: [], [UNKNOWN]: [] };
  const append = (start, end, state) => {
    const from = Math.max(0, start);
    const to = Math.min(days * DAY, end);
    const last = of[state][of[state].length - 1];
    // What touches or overlaps the interval before it makes that one longer; only hours in doubt may
    // begin before it, in the same night.
    if (to <= from) return;
    if (last && from <= last[1]) {
      last[0] = Math.min(last[0], from);
      last[1] = Math.max(last[1], to);
    } else of[state].push([from, to, state]);
  };
  // From the day before on: what opened late yesterday may reach into today.
  for (let ahead = -1; ahead < days; ahead++) {
    const midnight = ahead * DAY;
    // Closed hours stand in a plan where it is in doubt whether the day before ends at midnight.
    const doubt = planned(ahead + 1).some(([, , state]) => state === CLOSED);
    const today = planned(ahead).filter(([, , state]) => state !== CLOSED);
    for (const [start, end, state] of today) {
      const last = doubt && state === OPEN ? Math.min(end, DAY) : end;
      append(midnight + start, midnight + last, state);
    }
    const ends = today.map(([, end, state]) => (doubt && state === OPEN ? end : 0));
    append(midnight + DAY, midnight + Math.max(0, ...ends), UNKNOWN);
  }
  const between = of[OPEN].reduce(cut, of[UNKNOWN]);
  return [...of[OPEN], ...between].sort((a, b) => a[0] - b[0]);
}

// What is left of unknown intervals where one is known to be open: the part before it, and the part
// after.
const cut = (unknown, [start, end]) =>
  unknown.flatMap(([from, to, state]) =>
    [
      [from, Math.min(to, start), state],
      [Math.max(from, end), to, state],
    ].filter(([a, b]) => a < b),
  );

// Hours as a cell's reply has them from an instant on: intervals to the horizon, and the first
// change after it.
function hoursFrom(pack, row, at) {
  const [day, minute] = dayOf(pack.timezone, at);
  const since = (days) =>
    timeline(pack, row, day, days).map(([start, end, state]) => [
      start - minute,
      end - minute,
      state,
    ]);
  const edges = (days) =>
    since(days)
      .flatMap(([start, end]) => [start, end])
      .filter((edge) => edge < days * DAY - minute);
  // The first change after the horizon, within so many days. Past the last whole day an edge is
  // only where the table was cut off, and no change.
  const later = (days) => Math.min(...edges(days).filter((edge) => edge >= HORIZON));
  const soon = later(9); // over a week nearly every row changes
  const change = soon < MOST_AHEAD ? soon : later(402);
  const near = since(4).filter(([start, end]) => end > 0 && start < HORIZON);
  return [
    near.map(([start, end, state]) => [Math.max(0, start), Math.min(end, HORIZON), state]),
    change <= MOST_AHEAD ? change : null,
  ];
}

// Why a row is unknown because of the day, as a cell's reply has it from an instant on: start, end
// and reason (hours.reasons). What would be unknown on a day like any other is left out.
function reasonsFrom(pack, row, at) {
  const [today, minute] = dayOf(pack.timezone, at);
  const clock = wall(pack, today, 4); // HORIZON ends on the last of them
  const first = clock.day;
  const days = [...Array(clock.days).keys()];
  const treated = [-1, ...days].map((ahead) => treatment(pack, first + ahead));
  if (!treated.some(Boolean)) return [];
  const unknown = (treat) =>
    painted(pack, row, first, days.length, treat).filter(([, , state]) => state === UNKNOWN);
  const own = unknown(treatment);
  const named = days.flatMap((day) =>
    own.map(([start, end]) => [
      Math.max(start, day * DAY),
      Math.min(end, (day + 1) * DAY),
      // Of a day like any other it is the evening before that runs on into it.
      REASONS[treated[day + 1] || treated[day]],
    ]),
  );
  const spans = unknown(() => 0).reduce(
    cut,
    named.filter(([start, end, why]) => start < end && why),
  );
  return clock
    .passed(spans)
    .map(([start, end, why]) => [start - minute, end - minute, why])
    .filter(([start, end]) => end > 0 && start < HORIZON);
}

// The reply for a cell that is as large as the pack: what passes, with the hours from `at` on. The
// filters are those of the question that a cell is asked with; `reach` is how many metres round the
// point the pack is complete. Undefined where it is not at all.
export function cell(pack, asked, at, point) {
  const reach = pack.covers ? pack.covers.metres - metresBetween(point, pack.covers) : Infinity;
  if (reach <= 0) return undefined;
  const hours = pack.hours.values.map(([row]) => hoursFrom(pack, row, at));
  const places = [];
  pack.ids.forEach((id, row) => {
    const { kind, name, name_en, phones, access, type, radius_m } = properties(pack, row);
    const hoursRow = which(pack.hours, row);
    if (!passes(pack, row, kind, access, asked, hours[hoursRow])) return;
    places.push([
      id,
      where(pack, row),
      kind,
      name,
      name_en,
      pack.order[row],
      pack.services[row],
      access.door,
      hoursRow,
      phones[0] ?? null,
      bits(pack.audiences, access.audience),
      type,
      radius_m,
      pack.verified[row],
      access.entry?.register,
    ]);
  });
  return {
    dataVersion: pack.dataVersion,
    synthetic: pack.synthetic,
    at: local(pack.timezone, at),
    horizon: HORIZON,
    places,
    hours,
    reasons: pack.hours.values.flatMap(([row], n) =>
      reasonsFrom(pack, row, at).map((span) => [n, ...span]),
    ),
    reach,
  };
}

// ALL of needs and services, ANY of kinds, door and audience; what is unknown passes if that is
// asked. Where nobody says that one must register first, one need not.
function passes(
  pack,
  row,
  kind,
  access,
  {
    needs = [],
    services: wanted = [],
    kinds = [],
    door = [],
    audience = [],
    open,
    includeUnknown = true,
    register,
  },
  hours,
) {
  const has = services(pack, row);
  const any = (words, found) => !words.length || words.some((word) => found.includes(word));
  return (
    needs.every((need) => has.some(([, serves]) => serves.includes(need))) &&
    wanted.every((service) => has.some(([name]) => name === service)) &&
    any(kinds, [kind]) &&
    (kinds.length || needs.length || wanted.length || listedUnasked(kind, has)) &&
    any(door, [access.door]) &&
    !(register === "no" && access.entry?.register === "yes") &&
    (any(audience, access.audience) || (includeUnknown && !access.audience.length)) &&
    (open !== "24h" ||
      pack.table.rows[value(pack.hours, row)[0]][1] ||
      (includeUnknown && stateAt(hours, 0) === UNKNOWN))
  );
}

// Where nothing is asked, a public place is listed only for what riders mostly need.
const listedUnasked = (kind, has) =>
  kind !== "public_place" ||
  has.some(([, serves]) => serves.some((need) => LISTED_FOR.includes(need)));

// A place as /api/v1/places/{id} has it, with what a pack knows; undefined where it holds none of
// that id.
export function place(pack, id) {
  const row = pack.ids.indexOf(id);
  if (row < 0) return undefined;
  const checked = pack.verified[row];
  return {
    id,
    geometry: { type: pack.lines[row] ? "LineString" : "Point", coordinates: where(pack, row) },
    properties: {
      ...properties(pack, row),
      opening_hours_text: value(pack.hours, row)[1],
      services: services(pack, row).map(([name]) => name),
      provenance: { verified_at: checked ? new Date(checked * DAY_MS).toISOString().slice(0, 10) : null },
    },
  };
}

// What is found of a typed text, as /api/v1/search has it.
export const search = (pack, typed) => ({
  features: find(pack, typed).map((row) => {
    const spot = pack.spots[row];
    if (!spot) return place(pack, pack.ids[row - pack.spots.length]);
    const { lon, lat, ...properties } = spot;
    return { geometry: { type: "Point", coordinates: [lon, lat] }, properties };
  }),
  waiting: [],
});
