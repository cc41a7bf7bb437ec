// What riders keep on their phone: places they like, where they are mostly about, and all that the
// page remembers, as a file. Sent to nobody.

import { keep, kept } from "../ask/profile.js";
import { asked } from "../ask/state.js";
import { act, el, icon, replaceChildren } from "../page/dom.js";
import * as drawer from "../page/drawer.js";
import { named, say } from "../page/words.js";

// All that a file may bring; what riders said and their receipts go into none (voice/shelf.js).
const NAMES = "who mode app order view recent needs power favourites home".split(" ");
const MOST = 100;
const AREA = 1e3; // a home area is told to the nearest 100 m

export function read(name, otherwise) {
  try {
    return JSON.parse(kept(name)) ?? otherwise;
  } catch {
    return otherwise;
  }
}

const favourites = () => read("favourites", []);
const isFavourite = (id) => favourites().some((one) => one.id === id);

// The sheet's button that keeps a place, or lets it go.
export function star({ id, properties }) {
  const button = act(say("Keep"), () => {
    const others = favourites().filter((one) => one.id !== id);
    const more = isFavourite(id) ? [] : [{ id, name: named(properties) }];
    keep("favourites", JSON.stringify([...more, ...others].slice(0, MOST)));
    button.setAttribute("aria-pressed", String(isFavourite(id)));
  }, "star", "star");
  button.setAttribute("aria-pressed", String(isFavourite(id)));
  return button;
}

// A part of the drawer of who one is. `place(id)` opens a place, `near(point)` asks about a point.
export function section({ place, near }) {
  const made = el("div");
  const again = (work) => () => (work(), draw());
  const go = (text, picture, work) =>
    act(text, () => (drawer.close(), work()), "", picture);
  function draw() {
    const home = read("home", null);
    const { point } = asked;
    const set = () =>
      keep(
        "home",
        JSON.stringify({
          lon: Math.round(point.lon * AREA) / AREA,
          lat: Math.round(point.lat * AREA) / AREA,
          name: say("my home area"),
        }),
      );
    replaceChildren(
      made,
      el("h3", {}, say("Kept on this phone")),
      el(
        "div",
        { class: "choices" },
        ...favourites().map(({ id, name }) => go(name, "star", () => place(id))),
        ...(home ? [go(say("My home area"), "pin", () => near(home))] : []),
        ...(point ? [act(say("This is my home area"), again(set))] : []),
        ...(home ? [act(say("Forget my home area"), again(() => keep("home", "null")))] : []),
        act(say("Save as a file"), save),
        bring(),
      ),
    );
  }
  draw();
  return made;
}

function save() {
  const all = Object.fromEntries(NAMES.map((name) => [name, kept(name)]).filter(([, one]) => one));
  const href = "data:application/json;charset=utf-8," + encodeURIComponent(JSON.stringify(all));
  el("a", { href, download: "nuanfeng.json" }).click();
}

// What is no such file changes nothing, and says so.
function bring() {
  const said = el("span", { role: "status" });
  const change = async ({ target }) => {
    try {
      const all = JSON.parse(await new Response(target.files[0]).text());
      const known = NAMES.filter((name) => typeof all[name] === "string");
      if (!known.length) throw all;
      known.forEach((name) => keep(name, all[name]));
      location.reload();
    } catch {
      said.textContent = say("This is no file that was saved here.");
    }
  };
  const file = el("input", { type: "file", accept: ".json", class: "unseen", change });
  return el("label", { class: "act" }, icon("list"), say("Open a saved file"), file, said);
}
