// What others said, in words: on each card in the place of its age, and in the sheet. Looks on:
// list and sheet know nothing of it.

import { local, now } from "../ask/clock.js";
import { byId, el } from "../page/dom.js";
import { lasting, time } from "../page/words.js";
import { counts, of, SHUTS } from "./said.js";
import { say } from "./words.js";

// What can be said, as the one who says it reads it.
export const names = () => ({
  open: say("It’s open"),
  closed: say("It’s shut"),
  full: say("Full"),
  no_water: say("No hot water"),
  no_entry: say("Can’t get in"),
  no_power: say("No power"),
  all_right: say("All in order"),
  moved: say("It has moved"),
  wrong_hours: say("Its hours are wrong"),
  gone: say("It is gone for good"),
  other: say("Something else"),
});

// "2 said shut · 12 min ago", with the name of its colour.
export function told({ type, riders: n, since }) {
  const ago = say("{time} ago", { time: lasting((now() - since) / 1000) });
  return [look(type), words({ n })[type] + " · " + ago];
}

const look = (type) => (SHUTS.includes(type) ? "closed" : type === "open" ? "open" : "opening_soon");

const words = (n) => ({
  closed: say("{n} said shut", n),
  full: say("{n} said full", n),
  no_entry: say("{n} said no entry", n),
  open: say("{n} said open", n),
  no_water: say("{n} said no water", n),
  no_power: say("{n} said no power", n),
});

// Every card that is drawn, and each anew when something else is said.
export function watch() {
  const cards = () => [...byId("list").children].forEach(mark);
  new MutationObserver(cards).observe(byId("list"), { childList: true });
  cards();
  return cards;
}

function mark(card) {
  const { id } = card.dataset;
  const place = card.querySelector(".gives");
  if (!id || !place) return;
  const [first] = of(id);
  const [name, text] = first ? told(first) : [];
  const held = card.querySelector(".riders");
  if (!first) return held?.remove();
  verdict(card, first);
  const made = el("span", { class: "riders " + name }, text);
  held ? held.replaceWith(made) : place.querySelector(".age").before(made);
}

// Where it decides whether one gets in, the state says whose word that is.
export function verdict(element, { type, expires, ...one }) {
  const state = element.querySelector(".verdict .state");
  if (!state || !counts(one)) return;
  const until = { time: time(local(expires), local(now())) };
  if (SHUTS.includes(type)) state.textContent = say("Riders: no way in · until {time}", until);
  else if (type === "open" && !state.classList.contains("closed"))
    state.textContent = say("Riders: open");
}
