// Ways out of the page: the rider's own map app, the telephone, where one registers. On made-up
// data each asks first and goes on at a second tap.

import { byId, el, icon } from "../page/dom.js";
import { city } from "../page/embedded.js";
import { hide, show } from "../page/modal.js";
import { say } from "../page/words.js";
import { app, FIRST, onward, OUT, tab } from "./ways_out.js";

const SAFE = /^(https:|geo:|tel:)/;

let choose = null;
let next = null;

// Leads to a place: the first tap asks with which app, the next go straight.
export function go(place, attributes, ...children) {
  if (!SAFE.test(place.navigate?.[FIRST])) return null;
  const link = () => onward(place, app() ?? FIRST);
  if (city.synthetic)
    return el(
      "button",
      {
        ...attributes,
        type: "button",
        "aria-haspopup": "dialog",
        click: () => ask(link(), app() ? null : () => choose(place)),
      },
      ...children,
    );
  const click = (event) => {
    if (app()) return set(event.currentTarget, link());
    event.preventDefault();
    choose(place);
  };
  return el("a", { ...attributes, ...OUT, ...link(), click }, ...children);
}

function set(link, attributes) {
  for (const name in attributes)
    attributes[name] == null
      ? link.removeAttribute(name)
      : link.setAttribute(name, attributes[name]);
}

// Another app than the one that was chosen.
export const rechoose = (place, done) =>
  city.synthetic ? ask({}, () => choose(place, done)) : choose(place, done);

// A link out of the page, or on made-up data a button that asks.
export function way(url, attributes, ...children) {
  if (city.synthetic)
    return el(
      "button",
      { ...attributes, type: "button", "aria-haspopup": "dialog", click: () => ask({ href: url, target: tab(url), "data-web": null }) },
      ...children,
    );
  return el("a", { ...attributes, ...OUT, href: url, target: tab(url) }, ...children);
}

// `then` instead of following the address, where there is something left to ask.
function ask(link, then) {
  set(byId("go-on"), link);
  next = then;
  show(byId("nowhere"));
}

// `given.choose(place, done)` asks with which app to go.
export function start(given) {
  choose = given.choose;
  const dialog = byId("nowhere");
  if (!dialog) return;
  byId("go-back").addEventListener("click", () => hide(dialog));
  byId("go-on").addEventListener("click", (event) => {
    hide(dialog);
    if (!next) return;
    event.preventDefault();
    next();
  });
  dialog.addEventListener("click", (event) => event.target === dialog && hide(dialog));
}

// Masked numbers are shown, never dialled.
export const dialled = (phone) =>
  /^\+?[\d -]{3,}$/.test(phone) ? "tel:" + phone.replace(/[ -]/g, "") : null;

// A telephone link with the first number that can be dialled, or nothing.
export function call(place, attributes, text) {
  const number = place.phones.map(dialled).find(Boolean);
  return (
    number &&
    way(
      number,
      { ...attributes, "aria-label": say("Call {name}", { name: place.name }) },
      icon("phone"),
      text,
    )
  );
}
