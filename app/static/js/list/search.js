// The search box: landmarks, streets and places by any part of their name. Finds on the phone; the
// text is sent nowhere.

import { gazetteer } from "../ask/api.js";
import { onRenew } from "../ask/state.js";
import { byId, el, icon, replaceChildren } from "../page/dom.js";
import { words } from "../page/embedded.js";
import { say } from "../page/words.js";

const MOST = 20;
let known = null;

// The box has the focus, for the first time. `choose({ lon, lat, name, id? })` is called with what
// the rider picks.
export function start(choose) {
  const box = byId("q");
  const pick = (spot) => {
    if (spot.list) return location.assign(spot.list);
    box.value = spot.name;
    hide();
    choose(spot);
  };
  const look = async () => show(box.value.trim() ? match(await load(), box.value) : null, pick);
  const prepare = () => load().then(look);
  box.addEventListener("focus", prepare);
  box.addEventListener("input", look);
  byId("search").addEventListener("submit", async () => {
    const [first] = match(await load(), box.value);
    if (first) pick(first);
  });
  byId("search").addEventListener("keydown", keys);
  onRenew(() => (known = null));
  addEventListener("pointerdown", (event) => byId("search").contains(event.target) || hide());
  prepare();
}

function load() {
  known ??= gazetteer().then(rows, () => ((known = null), []));
  return known;
}

// One row for each name, with all that is searched as lower-case text in `key`.
function rows({ landmarks, streets, places, waiting }) {
  const row =
    (sort) =>
    ([name, name_en, lon, lat, more]) => ({
      sort,
      lon,
      lat,
      key: (name + "\n" + name_en).toLowerCase(),
      ...shown(name, name_en),
      ...sort.more(more),
    });
  return [
    ...landmarks.map(row({ icon: "pin", word: say("Landmark"), more: () => ({}) })),
    ...streets.map(
      row({
        icon: "warm_bee_street",
        word: say("Street office"),
        more: (district) => ({ district }),
      }),
    ),
    ...places.map(row({ icon: "warm_bee_station", word: say("Place"), more: (id) => ({ id }) })),
    // Without a point: the list of its street office is as near as one gets.
    ...waiting.map(([name, district, code]) => ({
      sort: { icon: "list", word: say("Not on the map yet") },
      key: name.toLowerCase(),
      name,
      district,
      list: `/?street=${code}&lang=${words.language}`,
    })),
  ];
}

// In English the Chinese name goes along: it is the one on the sign.
const shown = (name, name_en) =>
  words.language === "en" && name_en ? { name: name_en, also: name } : { name };

// Names that begin with the text come first, the shortest of them foremost; landmarks before
// streets before places.
function match(all, text) {
  const sought = text.trim().toLowerCase();
  if (!sought) return [];
  const begins = [];
  const holds = [];
  for (const row of all) {
    const at = row.key.indexOf(sought);
    if (at >= 0) (at === 0 || row.key[at - 1] === "\n" ? begins : holds).push(row);
    if (begins.length >= MOST) break;
  }
  return [...begins.sort((a, b) => a.key.length - b.key.length), ...holds].slice(0, MOST);
}

function show(found, pick) {
  const list = byId("found");
  list.hidden = !found;
  if (!found) return;
  const none = el("p", { role: "status" }, say("Nothing of that name."));
  replaceChildren(list, ...(found.length ? found.map((row) => result(row, pick)) : [none]));
}

function result(row, pick) {
  const small = el(
    "small",
    {},
    [row.sort.word, row.district, row.also].filter(Boolean).join(" · "),
  );
  return el(
    "button",
    { type: "button", click: () => pick(row) },
    icon(row.sort.icon),
    el("span", { dir: "auto" }, row.name, small),
  );
}

const hide = () => (byId("found").hidden = true);

// Arrow keys walk through the results, Escape leaves them.
function keys(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (event.key === "Escape") hide();
  if (!step || byId("found").hidden) return;
  event.preventDefault();
  const stops = [byId("q"), ...byId("found").querySelectorAll("button")];
  stops[
    Math.max(0, Math.min(stops.length - 1, stops.indexOf(document.activeElement) + step))
  ].focus();
}
