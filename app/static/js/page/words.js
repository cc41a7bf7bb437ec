// Words for people, in the page's language. Knows the vocabulary and the clock's looks, and asks
// nobody.

import { city, words } from "./embedded.js";

const WINDS = [say("N"), say("NE"), say("E"), say("SE"), say("S"), say("SW"), say("W"), say("NW")];
const HOUR_MS = 3600e3;
const SHORT_MIN = 30;
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

// How one travels.
export const MODE_WORDS = {
  walk: say("On foot"),
  ride: say("By e-bike"),
  drive: say("By car"),
  truck: say("By truck"),
};
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

// For how long it is still open, in full half hours, from three on in full ones: nobody is promised more than there is.
const left = (min) =>
  min < 60
    ? say("{n} min", { n: Math.floor(min) })
    : say("{n} h", { n: min < 180 ? Math.floor(min / 30) / 2 : Math.floor(min / 60) });

// What a place is to who gets there, with the name of its colour: whether one gets in and for how
// long still, or why nobody knows, or that it is closed then.
export function verdict({ open, there }, stamp) {
  if (there.state === "unknown") return ["unknown", REASONS[there.reason] || say("Hours unknown")];
  if (there.state === "closed") return ["closed", shut(open, stamp)];
  if (!open.until) return ["open", say("Get in · open 24 hours")];
  const lasts = { time: left(there.open_min) };
  if (there.perhaps) return ["closing_soon", say("Perhaps · {time} left", lasts)];
  return [
    there.open_min < SHORT_MIN ? "closing_soon" : "open",
    say("Get in · {time} left", lasts),
  ];
}

function shut({ state, until }, stamp) {
  if (!until) return say("Closed");
  const change = { time: time(until, stamp) };
  return /closed|opening/.test(state)
    ? say("Closed then · opens {time}", change)
    : say("Closes before · {time}", change);
}

// How long ago somebody was there and checked; `today` is midnight of the city's day in UTC.
export function age(checked, today) {
  if (checked == null) return say("Never checked");
  const days = Math.round((today - checked) / (24 * HOUR_MS));
  return days < 1 ? say("Checked today") : say("Checked {days} d ago", { days });
}

// The services of a place as labels, first those that are wanted or serve an asked need.
export function services(place, needs, wanted) {
  const asked = (service) =>
    wanted.includes(service) || (words.serves[service] || []).some((need) => needs.has(need));
  return [...place.services]
    .sort((a, b) => asked(b) - asked(a))
    .map((service) => ({ label: words.services[service] ?? service, asked: asked(service) }));
}
