// Notices about areas: a banner where one is inside, worked out on the phone, and the areas on the
// map. The server is never told where one is, only which notices are not here yet.

import { local, now } from "../ask/clock.js";
import { HEADERS } from "../ask/question.js";
import { asked, onChange } from "../ask/state.js";
import { byId, el, icon, replaceChildren } from "../page/dom.js";
import { words } from "../page/embedded.js";
import { time } from "../page/words.js";
import { read, write } from "./shelf.js";
import { say } from "./words.js";

const SOON_MS = 86400e3;
const MOST = 2; // banners above the list
const SEVERITIES = ["Extreme", "Severe", "Moderate", "Minor"];

let held = read("notices", { features: [] });
let known = null; // the revision that the server said last
let banners = null;
let drawn = null; // the layer on the map, and what it shows

export function start() {
  banners = el("div", { class: "zones", role: "status" });
  byId("answer").before(banners);
  onChange(({ point }) => point && tell());
  tell();
}

// The server has notices of this revision: those that are not known here are fetched.
export async function renew(revision) {
  if (!revision || revision === known) return;
  if (revision !== held.revision || words.language !== held.language) {
    const path = "api/v1/notices?lang=" + words.language;
    // What the browser keeps of them is of the revision before.
    const reply = await fetch(path, { headers: HEADERS, cache: "no-cache" }).catch(() => null);
    if (!reply?.ok) return;
    held = { ...(await reply.json()), language: words.language };
    write("notices", held);
  }
  known = held.revision; // of another worker perhaps not yet that one: asked for again
}

// What the server is asked with, where an area is closed or about to be: what lies in it is then
// closed in cells and tiles, too.
export const closing = () =>
  known && current().some(({ properties: { effect } }) => effect === "closed") ? known : undefined;

// The areas on the map, once it stands.
async function draw() {
  const { map } = await import("../map/map.js");
  if (!map) return;
  const name = JSON.stringify(current().map(look));
  if (drawn?.name === name) return;
  drawn?.layer.remove();
  drawn = { name, layer: L.layerGroup().addTo(map) };
  for (const notice of current())
    L.polygon(
      notice.geometry.coordinates.map((rings) =>
        rings.map((ring) => ring.map(([lon, lat]) => [lat, lon])),
      ),
      { className: "noticed " + look(notice)[1], interactive: false },
    ).addTo(drawn.layer);
}

const look = ({ properties: { id, effect, onset } }) => [
  id,
  Date.parse(onset) > now() ? "coming" : effect,
  held.revision,
];

// In force, or within a day.
const current = () =>
  held.features.filter(
    ({ properties: { onset, expires } }) =>
      now() < Date.parse(expires) && Date.parse(onset) - now() < SOON_MS,
  );

// Whether a spot lies in an area that is closed now.
export const isClosed = (spot) =>
  current().some(
    ({ geometry, properties: { effect, onset } }) =>
      effect === "closed" && Date.parse(onset) <= now() && isInside(spot, geometry),
  );

// Asked every few seconds: what ends by itself goes by itself.
export function tell() {
  draw().catch(() => {}); // the banner says it without the map, too
  const { point } = asked;
  const rank = ({ properties: { severity } }) => (SEVERITIES.indexOf(severity) + 5) % 5;
  const here = point
    ? current().filter(({ geometry }) => isInside([point.lon, point.lat], geometry))
    : [];
  const shown = here.sort((a, b) => rank(a) - rank(b)).slice(0, MOST);
  const name = JSON.stringify(shown.map(({ properties }) => properties));
  if (banners.dataset.shown === name) return;
  banners.dataset.shown = name;
  replaceChildren(banners, ...shown.map(banner));
}

function banner({ properties: { id, headline, effect, onset, expires } }) {
  const clock = (instant) => time(local(Date.parse(instant)), local(now()));
  return el(
    "a",
    { class: "zone " + effect, href: `n/${encodeURIComponent(id)}?lang=${words.language}` },
    icon("alert"),
    el(
      "span",
      {},
      el("b", { dir: "auto" }, headline),
      el(
        "small",
        {},
        Date.parse(onset) > now()
          ? say("From {time} · what to do", { time: clock(onset) })
          : say("You are inside · until {time} · what to do", { time: clock(expires) }),
      ),
    ),
  );
}

// A ray to the east crosses the rim an odd number of times; holes are rings, too.
const isInside = (spot, { coordinates }) =>
  coordinates.some(
    (rings) => rings.flatMap((ring) => ring.slice(1).filter((b, n) => crosses(spot, ring[n], b))).length % 2,
  );

const crosses = ([lon, lat], [x, y], [u, v]) =>
  y > lat !== v > lat && lon < x + ((u - x) * (lat - y)) / (v - y);
