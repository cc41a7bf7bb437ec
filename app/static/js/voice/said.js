// What riders say of places, as the server folds it: asked every ten seconds while the page is
// seen, never while it is hidden. Kept for when there is no network; what has expired is said no
// more.

import { learn, now } from "../ask/clock.js";
import { HEADERS } from "../ask/question.js";
import { read, write } from "./shelf.js";

const ASK_EVERY_MS = 10_000;
const ENOUGH = 2; // so many say so before it has an effect
const REPORTS = "api/v1/reports";

let held = read("said", { places: {} });
let asked = 0; // when it was asked last, by the phone's own clock
let before = {}; // what was said of each place when it was told last
let tell = null;

// `changed(ids)` is called when something else is said of places, or ended, and with none of them
// whenever the server has answered.
export function start(changed) {
  tell = changed;
  setInterval(look, 1000);
  document.addEventListener("visibilitychange", look);
  look();
}

function look() {
  if (document.hidden) return;
  if (Date.now() - asked >= ASK_EVERY_MS) ask();
  compare();
}

// Ask at once: this phone itself has said something.
export async function ask() {
  asked = Date.now();
  // By ETag: the browser asks whether what it has still holds.
  const reply = await fetch(REPORTS, { headers: HEADERS, cache: "no-cache" }).catch(() => null);
  if (!reply?.ok) return;
  learn(reply.headers);
  const fresh = await reply.json();
  if (fresh.revision !== held.revision || fresh.notices !== held.notices) write("said", fresh);
  held = fresh;
  compare(true);
}

function compare(answered) {
  const after = {};
  for (const id in held.places) after[id] = JSON.stringify([of(id), verified(id)]);
  const changed = Object.keys({ ...before, ...after }).filter((id) => before[id] !== after[id]);
  before = after;
  if (answered || changed.length) tell(changed);
}

export const notices = () => held.notices;

// What is said of a place now: [{ type, riders, since, expires }], instants in ms; what keeps one
// out first, then what most say.
export function of(id) {
  const { verified, ...types } = held.places[id] ?? {};
  return Object.entries(types)
    .map(([type, [riders, since, expires]]) => ({
      type,
      riders,
      since: Date.parse(since),
      expires: Date.parse(expires),
    }))
    .filter(({ expires }) => now() < expires)
    .sort((a, b) => SHUTS.includes(b.type) - SHUTS.includes(a.type) || b.riders - a.riders);
}

export const verified = (id) => held.places[id]?.verified;
export const SHUTS = ["closed", "full", "no_entry"];
// Whether it changes answers, as geodata/snapshot/overlay.py has it.
export const counts = ({ riders }) => riders >= ENOUGH;
export const isShut = (id) => of(id).some((one) => SHUTS.includes(one.type) && counts(one));
