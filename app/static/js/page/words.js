// Words for people, in the page's language. Knows the vocabulary and the clock's looks, and asks
// nobody.

import { city, words } from "./embedded.js";

const WINDS = [say("N"), say("NE"), say("E"), say("SE"), say("S"), say("SW"), say("W"), say("NW")];
const HOUR_MS = 3600e3;
// Why hours are unknown because of the day, and what to do.
const REASONS = {
  holiday: say("Public holiday: please call first"),
  adjusted_workday: say("Worked weekend: please call first"),
  calendar: say("Holidays not announced yet: please call first"),
};

export function say(message, values) {
  const text = words.said[message] ?? message;
  return values ? text.replace(/\{(\w+)\}/g, (_, name) => values[name]) : text;
}

// What a place is: of a public place its type.
export const what = ({ kind, type }) =>
  (kind === "public_place" && words.types[type]) || words.kinds[kind];

// In English a place may have a name of its own; otherwise the one on its sign.
export const named = (place) => (words.language === "en" && place.name_en) || place.name;

// Metres to the nearest ten, kilometres to a tenth: as true as a rider rides.
export function distance(metres) {
  if (metres < 995)
    return (metres < 100 ? Math.round(metres) : Math.round(metres / 10) * 10) + "\u00a0m";
  return (metres / 1000).toFixed(metres < 9950 ? 1 : 0) + "\u00a0km";
}

// A radius or a stay as somebody chose it: whole kilometres, minutes or hours.
export const reach = (metres) => say("{n} km", { n: metres / 1000 });
export const duration = (min) =>
  min % 60 ? say("{n} min", { n: min }) : say("{n} h", { n: min / 60 });

// How long, in whole minutes: more than an hour in hours.
export function lasting(seconds) {
  const n = Math.max(1, Math.round(seconds / 60));
  return n < 60
    ? say("{n} min", { n })
    : say("{h} h {n} min", { h: Math.floor(n / 60), n: n % 60 });
}

// How one travels; and with it an estimate, said as one.
export const MODE_WORDS = {
  walk: say("On foot"),
  ride: say("By e-bike"),
  drive: say("By car"),
  truck: say("By truck"),
};
export const minutes = (seconds, mode) =>
  say("{mode} ≈ {time}", { mode: MODE_WORDS[mode], time: lasting(seconds) });

export const wind = (bearing) => WINDS[Math.round(bearing / 45) % 8];

// A state of opening with its next change. `stamp` is the reply's own time: the phone's clock may
// be wrong.
export function state(open, stamp) {
  if (open.state === "unknown") return REASONS[open.reason] || say("Hours unknown");
  if (!open.until) return open.state === "closed" ? say("Closed") : say("Open 24 hours");
  const change = { time: time(open.until, stamp) };
  return {
    open: () => say("Open · until {time}", change),
    closing_soon: () => say("Closing soon · {time}", change),
    opening_soon: () => say("Opening soon · {time}", change),
    closed: () => say("Closed · opens {time}", change),
  }[open.state]();
}

// "06:00", "tomorrow 08:00", "Mon 08:00": instants come in the city's time zone and are shown in
// it, wherever the phone is.
export function time(until, stamp) {
  const clock = until.slice(11, 16);
  const ahead = Date.parse(until) - Date.parse(stamp);
  if (until.slice(0, 10) === stamp.slice(0, 10) || ahead <= 12 * HOUR_MS) return clock;
  const days = (Date.parse(until.slice(0, 10)) - Date.parse(stamp.slice(0, 10))) / (24 * HOUR_MS);
  if (days === 1) return say("tomorrow {time}", { time: clock });
  const looks = ahead < 144 * HOUR_MS ? { weekday: "short" } : { month: "short", day: "numeric" };
  return (
    new Intl.DateTimeFormat(words.language, { ...looks, timeZone: city.timezone }).format(
      new Date(until),
    ) +
    " " +
    clock
  );
}

// The state on arrival of a place that is listed for it: surely open, or in part of the time that
// the way may take.
export const arriving = (state) =>
  ({ open: say("Open when you get there"), closing_soon: say("Perhaps open when you get there") })[
    state
  ];

// The services of a place as labels, first those that are wanted or serve an asked need.
export function services(place, needs, wanted) {
  const asked = (service) =>
    wanted.includes(service) || (words.serves[service] || []).some((need) => needs.has(need));
  return [...place.services]
    .sort((a, b) => asked(b) - asked(a))
    .map((service) => ({ label: words.services[service] ?? service, asked: asked(service) }));
}
