// The row of chips: all that is asked beside the needs, each a tap from being dropped, then what
// else could be asked.

import { profile } from "../ask/profile.js";
import { SETS } from "../ask/question.js";
import { asked, change, without } from "../ask/state.js";
import { byId, el, icon, replaceChildren } from "../page/dom.js";
import { words } from "../page/embedded.js";
import { duration, MODE_WORDS, reach, say } from "../page/words.js";
import { charged, charging } from "./power.js";

// The sets that stand in the row; services come from the sheet behind it.
const OFFERED = ["kinds", "door", "audience"];
const PICTURES = { services: "check", door: "door", audience: "people" }; // each kind has its own
const label = (name, word) =>
  name === "audience" ? say("For {who}", { who: words.audiences[word] }) : SETS[name][word];
const face = (name, word) => [name + word, PICTURES[name] ?? word, label(name, word)];

// What opens the sheet behind the row, and the question who travels; both come later than the row.
export function start({ openFilters, openTraveller }) {
  byId("chips").addEventListener("change", ({ target }) => change({ open: target.value }));
  byId("more-filters").addEventListener("click", openFilters);
  byId("who").addEventListener("click", openTraveller);
}

export function draw() {
  const { who, mode } = profile();
  const pressed = chosen();
  byId("open").value = asked.open;
  byId("open").parentElement.dataset.set = asked.open !== "any";
  byId("who").lastElementChild.textContent = who
    ? (words.audiences[who] ?? MODE_WORDS[mode])
    : say("I am…");
  byId("who").dataset.set = Boolean(who);
  byId("more-filters").lastElementChild.textContent = pressed.length || "";
  const free = ["services", ...OFFERED].flatMap((name) => open(name).map((word) => [name, word]));
  replaceChildren(byId("powers"), ...powers());
  replaceChildren(byId("picked"), ...pressed);
  replaceChildren(
    byId("offered"),
    asked.register === "no" ? "" : register(false),
    ...free.map(([name, word]) => chip(...face(name, word), false, () => adding(name, word))),
  );
}

// What could be asked in addition. A door that nobody knows is asked for along with the others,
// never alone.
function open(name) {
  const words =
    name === "services"
      ? profile().likes
      : Object.keys(SETS[name]).filter((word) => word !== "unknown");
  return words.filter((word) => !asked[name].has(word) && !charged().includes(word));
}

// What to charge, each a tap, where power is asked for.
const powers = () =>
  charged().map((service) =>
    chip("services" + service, null, label("services", service), asked.services.has(service), () =>
      charging(service),
    ),
  );

const register = (pressed) =>
  chip("register", "door", say("No registering"), pressed, () => ({
    register: pressed ? "any" : "no",
  }));

function adding(name, word) {
  return { [name]: new Set(asked[name]).add(word).add(name === "door" ? "unknown" : word) };
}

function chosen() {
  const sets = ["services", ...OFFERED]
    .flatMap((name) => [...asked[name]].map((word) => [name, word]))
    .filter(([, word]) => !charged().includes(word));
  const usual = profile().reach_m;
  return [
    ...sets.map(([name, word]) => chip(...face(name, word), true, () => without(name, word))),
    asked.stay_min &&
      chip("stay", "clock", say("Stay {time}", { time: duration(asked.stay_min) }), true, () => ({
        stay_min: 0,
      })),
    asked.reach_m !== usual &&
      chip(
        "reach",
        "locate",
        say("Within {distance}", { distance: reach(asked.reach_m) }),
        true,
        () => ({ reach_m: usual }),
      ),
    !asked.include_unknown &&
      chip("unknown", "clock", say("No unknown hours"), true, () => ({ include_unknown: true })),
    asked.register === "no" && register(true),
  ].filter(Boolean);
}

function chip(key, image, text, pressed, changes) {
  const click = () => (change(changes()), follow(key));
  return el(
    "button",
    { class: "chip", type: "button", "data-key": key, "aria-pressed": String(pressed), click },
    image ? icon(image) : "",
    text,
    pressed ? icon("close") : "",
  );
}

// The chip that was tapped has moved: so do the focus and the row.
function follow(key) {
  const moved = byId("chips").querySelector(`[data-key="${key}"]`) ?? byId("more-filters");
  moved.focus({ preventScroll: true });
  moved.scrollIntoView({ block: "nearest", inline: "nearest" });
}
