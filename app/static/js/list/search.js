// The search box: places, landmarks, streets and districts as the server finds them, or the pack
// where there is no network. What was chosen before stays on this phone and is offered first.

import { middle, Refusal, search } from "../ask/api.js";
import { keep } from "../ask/profile.js";
import { byId, el, icon, replaceChildren } from "../page/dom.js";
import { words } from "../page/embedded.js";
import { drop, lay, lift } from "../page/layers.js";
import { say, what } from "../page/words.js";
import { read } from "../place/kept.js";

const REST_MS = 200; // a finger still typing asks for nothing
const RECENT = 6;
const BAD_QUESTION = 400; // no letter yet, or far too many
const SORTS = {
  district: say("District"),
  street_office: say("Street office"),
  landmark: say("Landmark"),
  road: say("Road"),
  junction: say("Junction"),
};

let underway = null;

// The box has the focus, for the first time. `choose({ lon, lat, name, id? })` is called with what
// the rider picks.
export function start(choose) {
  const box = byId("q");
  let soon = 0;
  const pick = (spot) => {
    clearTimeout(soon);
    if (spot.street != null) return toList(spot.street);
    box.value = spot.name;
    hide();
    remember(spot);
    choose(spot);
  };
  const look = () => (box.value.trim() ? seek(box.value, pick) : show(recents(), pick));
  box.addEventListener("focus", look);
  box.addEventListener("input", () => {
    clearTimeout(soon);
    soon = setTimeout(look, REST_MS);
  });
  byId("search").addEventListener("submit", async () => {
    clearTimeout(soon);
    const [first] = (await seek(box.value, pick)) ?? [];
    if (first) pick(first);
  });
  byId("search").addEventListener("keydown", keys);
  addEventListener("pointerdown", (event) => byId("search").contains(event.target) || hide());
  look();
}

// Look for a text; what was looked for before is given up. A failure says so, and is no "nothing".
async function seek(typed, pick) {
  underway?.abort();
  const { signal } = (underway = new AbortController());
  try {
    const { features, waiting } = await search(typed, signal);
    if (signal.aborted) return null;
    const rows = [...features.map(row), ...waiting.map(unplaced)];
    show(rows, pick, say("Nothing of that name."));
    return rows;
  } catch (fault) {
    if (!(fault instanceof Refusal) || signal.aborted) return null;
    show([], pick, fault.status === BAD_QUESTION ? say("Nothing of that name.") : fault.message);
    return null;
  }
}

// In English the Chinese name goes along: it is the one on the sign.
const spoken = ({ name, name_en }) =>
  words.language === "en" && name_en ? { name: name_en, also: name } : { name };

function row({ id, geometry, properties }) {
  const [lon, lat] = middle(geometry);
  return {
    id,
    lon,
    lat,
    picture: id ? properties.kind : "pin",
    word: SORTS[properties.sort] ?? SORTS[properties.kind] ?? what(properties),
    district: properties.district,
    ...spoken(properties),
  };
}

// Without a point: the list of its street office, or of all of them, is as near as one gets.
async function toList(street) {
  const { features } = street ? await search(street).catch(() => ({ features: [] })) : { features: [] };
  const office = features.find(({ properties: { kind, name } }) => kind === "street_office" && name === street);
  location.assign(`./?street=${office?.properties.code ?? ""}&lang=${words.language}`);
}

const unplaced = ({ name, district, street }) => ({
  picture: "list",
  word: say("Not on the map yet"),
  name,
  district,
  street,
});

const recents = () => read("recent", []);

function remember(spot) {
  const others = recents().filter(({ name }) => name !== spot.name);
  keep("recent", JSON.stringify([spot, ...others].slice(0, RECENT)));
}

// `none`: what to say where there is nothing to show.
function show(rows, pick, none) {
  const list = byId("found");
  list.hidden = !rows.length && !none;
  if (list.hidden) drop("search");
  else lay("search", shut);
  replaceChildren(
    list,
    ...(rows.length
      ? rows.map((row) => result(row, pick))
      : [none && el("p", { role: "status" }, none)].filter(Boolean)),
  );
}

function result(row, pick) {
  const small = el("small", {}, [row.word, row.district, row.also].filter(Boolean).join(" · "));
  return el(
    "button",
    { type: "button", click: () => pick(row) },
    icon(row.picture),
    el("span", { dir: "auto" }, row.name, small),
  );
}

const hide = () => byId("found").hidden || drop("search");

function shut() {
  underway?.abort();
  byId("found").hidden = true;
}

// Arrow keys walk through the results, Escape leaves them.
function keys(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (event.key === "Escape") lift("search");
  if (!step || byId("found").hidden) return;
  event.preventDefault();
  const stops = [byId("q"), ...byId("found").querySelectorAll("button")];
  stops[
    Math.max(0, Math.min(stops.length - 1, stops.indexOf(document.activeElement) + step))
  ].focus();
}
