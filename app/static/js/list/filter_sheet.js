// The sheet behind the chips: every service by the need it serves, how long to stay, how far to go,
// unknown hours, registering.

import { address, asked, blank, change } from "../ask/state.js";
import { act, el, icon } from "../page/dom.js";
import * as drawer from "../page/drawer.js";
import { words } from "../page/embedded.js";
import { duration, reach, say } from "../page/words.js";
import { share } from "../place/share.js";

const STAYS_MIN = [0, 15, 30, 60, 120, 240];
const REACHES_M = [1000, 2000, 5000, 10_000, 50_000];

export function open() {
  const form = el(
    "form",
    { class: "more", submit: take },
    box(
      "how-far",
      say("How far"),
      REACHES_M.map((metres) =>
        choice("radio", "reach_m", metres, reach(metres), metres === asked.reach_m),
      ),
    ),
    box(
      "how-long",
      say("How long I want to stay"),
      STAYS_MIN.map((min) =>
        choice(
          "radio",
          "stay_min",
          min,
          min ? duration(min) : say("No matter"),
          min === asked.stay_min,
        ),
      ),
    ),
    box("hours", say("Unknown hours"), [
      choice(
        "checkbox",
        "include_unknown",
        1,
        say("List places whose hours nobody knows"),
        asked.include_unknown,
      ),
    ]),
    box("register", say("Registering"), [
      choice(
        "checkbox",
        "register",
        "no",
        say("Only where I need not register first"),
        asked.register === "no",
      ),
    ]),
    ...byNeed().map(([need, services]) =>
      box(need, words.needs[need] ?? say("More services"), services.map(serviceChip), need),
    ),
    el(
      "div",
      { class: "acts foot-acts" },
      el("button", { class: "act main" }, say("Show")),
      act(say("Reset"), () => done(blank())),
      act(
        say("Share"),
        ({ currentTarget }) =>
          share(currentTarget, document.title, address({ place: null, lang: null })),
        "",
        "share",
      ),
    ),
  );
  drawer.open(say("Filters"), form);
}

const serviceChip = (service) =>
  choice("checkbox", "services", service, words.services[service], asked.services.has(service));

// Services under the first need that each serves; those that serve none come last.
function byNeed() {
  const first = (service) => words.serves[service][0] ?? "";
  return [...Object.keys(words.needs), ""].map((need) => [
    need,
    Object.keys(words.services).filter((service) => first(service) === need),
  ]);
}

const box = (key, title, choices, picture) =>
  el(
    "fieldset",
    { "data-of": key },
    el("legend", {}, picture && icon(picture), title),
    el("div", { class: "choices" }, ...choices),
  );

const choice = (type, name, value, text, checked) =>
  el("label", { class: "chip" }, el("input", { type, name, value, checked }), text);

// The form is sent: nothing leaves the phone, its fields become the question.
function take(event) {
  event.preventDefault();
  const chosen = new FormData(event.target);
  const [reach_m, stay_min] = ["reach_m", "stay_min"].map((name) =>
    Number(chosen.get(name) ?? asked[name]),
  );
  done({
    services: new Set(chosen.getAll("services")),
    reach_m,
    stay_min,
    include_unknown: chosen.has("include_unknown"),
    register: chosen.get("register") ?? "any",
  });
}

function done(changes) {
  drawer.close();
  change(changes);
}
