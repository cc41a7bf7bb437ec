// Goes on without a network: keeps the newest pack of the city on the phone, and answers from it
// where no reply comes.

import { byId, el, idle } from "../page/dom.js";
import { city, embedded, words } from "../page/embedded.js";
import { say } from "../page/words.js";
import { keepFar } from "./kept_ground.js";
import { asked, onChange, onRenew, takeOver } from "./state.js";

const PATIENCE_MS = 4000;
const LOOK_AGAIN_MS = 20_000;
const AFTER_LOAD_MS = 2000; // the list and the map come first
const POINTER = "api/v1/pack";
// A cache of one pack, under the pointer's address: which part of a large city it is stands in
// none.
const KEPT = "city";

let held = null;
let zoned = false;
let away = null; // the line that says so, while the pack answers
let page = null; // what start() was given

// `again()` asks the page's question anew; `zone(point)` is the geohash that packs of large cities
// go by; `pack()` brings pack.js, which reads one.
export function start(given) {
  page = given;
  onRenew(keep);
  onChange(({ point }) => point && zoned && keep());
  addEventListener("online", look);
  setInterval(() => away && look(), LOOK_AGAIN_MS);
  const soon = () => setTimeout(() => idle(settle), AFTER_LOAD_MS);
  document.readyState === "complete" ? soon() : addEventListener("load", soon);
}

// Some 250 kB, once a version: not on a line that is paid by the byte.
const wanted = () => self.caches && !navigator.connection?.saveData;

function settle() {
  if (!wanted()) return;
  // Without it the page still goes on while it is open.
  navigator.serviceWorker?.register("sw.js").catch(() => {});
  keep();
  const { beneath } = embedded("map-described");
  if (beneath?.ground) keepFar(beneath).catch(() => {});
}

// The reply; or if none comes, or none for a while, what `known(packed, pack)` makes of the pack
// with the functions of pack.js. Where it knows nothing, the reply is waited for.
export async function orPack(reply, known) {
  const late = new Promise((_, giveUp) =>
    setTimeout(giveUp, away ? 0 : PATIENCE_MS, { status: 0 }),
  );
  try {
    return await Promise.race([reply, late]);
  } catch (fault) {
    const pack = fault.status === 0 || fault.status >= 500 ? await kept() : null;
    const found = pack && known(await page.pack(), pack);
    if (found) tell(pack);
    return found || reply;
  }
}

// The pack on this phone. Made-up places are not shown on a page that does not call them so.
async function kept() {
  held ??= self.caches
    ?.match(POINTER)
    .then((reply) => reply && read(reply))
    .catch(() => null);
  const pack = await held;
  if (!pack) held = null; // another page of this phone may be about to keep one
  return pack?.synthetic === city.synthetic ? pack : null;
}

const read = async (reply) => (await page.pack()).unpack(await reply.json());

// Fetch the pack of the current version, and with it put away the one before. It is read when it is
// needed: parsed, a city takes a megabyte of the phone's memory.
async function keep() {
  const newest = wanted() && (await look());
  if (!newest) return;
  zoned = newest.url.includes("{zone}");
  if (zoned && !asked.point) return;
  const { href } = new URL(newest.url.replace("{zone}", zoned && page.zone(asked.point)), location);
  const before = await caches.match(POINTER).catch(() => null);
  if (before?.url === href) return;
  const reply = await fetch(href, { priority: "low" }).catch(() => null);
  if (!reply?.ok) return;
  await (await caches.open(KEPT)).put(POINTER, reply);
  held = null;
}

// Ask which version there is: is the network back, and the data still the same? Undefined without
// an answer.
export async function look() {
  const reply = await fetch(POINTER).catch(() => null);
  if (!reply?.ok) return undefined;
  const newest = await reply.json();
  byId("credit").textContent = [newest.source, newest.licence, newest.dataDate, newest.outlines]
    .filter(Boolean)
    .join(" · ");
  try {
    takeOver(newest);
  } catch {
    return undefined;
  }
  back();
  return newest;
}

// The server answers again.
export function back() {
  if (!away) return;
  away.remove();
  away = null;
  page.again();
}

// Say above the list that the pack answers, and from when its data is.
function tell({ dataDate }) {
  const date = new Intl.DateTimeFormat(words.language, {
    dateStyle: "long",
    timeZone: "UTC",
  }).format(new Date(dataDate));
  away ??= el("p", { class: "aged", role: "status" });
  byId("answer").before(away);
  away.textContent = navigator.onLine
    ? say("Weak network · data of {date}", { date })
    : say("Offline · data of {date}", { date });
}
