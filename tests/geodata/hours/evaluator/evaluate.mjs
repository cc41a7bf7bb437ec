// What opening_hours.js says: reads {texts, first, days} (first: "2025-01-01") from standard input,
// writes {holidays, answers}: the days that are public holidays to it, and for each text its
// intervals [from, to, unknown] in minutes since the first midnight, or the reason why it refuses.
// TZ is the zone.

import { readFileSync } from "node:fs";

import opening_hours from "opening_hours";

// Where the sun rises as in Shenzhen; the holidays are Berlin's, of which this evaluator knows all.
const PLACE = { lat: "22.54", lon: "114.05", address: { country_code: "de", state: "Berlin" } };

const { texts, first, days } = JSON.parse(readFileSync(0, "utf8"));
const [year, month, day] = first.split("-").map(Number);
const midnight = (later) => new Date(year, month - 1, day + later);
const [from, to] = [midnight(0), midnight(days)];
const minutes = (at) => Math.round((at - from) / 60e3);

const calendar = new opening_hours("PH off", PLACE);
const holidays = Array.from({ length: days }, (_, later) => later).filter(
  (later) => calendar.getPublicHolidayContext(midnight(later)).isHoliday,
);

function answer(text) {
  try {
    const hours = new opening_hours(text, PLACE);
    return hours
      .getOpenIntervals(from, to)
      .map(([start, end, unknown]) => [minutes(start), minutes(end), unknown]);
  } catch (error) {
    return String(error);
  }
}

process.stdout.write(JSON.stringify({ holidays, answers: texts.map(answer) }));
