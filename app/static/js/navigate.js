// Ways out of the page: the rider's own map app, the telephone. On made-up data each asks first and goes on at a second tap.

import { byId, el, icon } from "./dom.js";
import { city } from "./state.js";
import { say } from "./words.js";

const SAFE = /^(https:|geo:|tel:)/;
export const APPS = [
  ["amap", say("Amap")],
  ["baidu", say("Baidu Maps")],
  ["tencent", say("Tencent Maps")],
  ["apple", say("Apple Maps")],
  ["geo", say("Other app")],
];

// A link, or on made-up data a button that asks. Null where the address is none that a phone should follow.
export function way(url, attributes, ...children) {
  if (!SAFE.test(url)) return null;
  if (city.synthetic) return el("button", { ...attributes, type: "button", "aria-haspopup": "dialog", click: () => ask(url) }, ...children);
  return el("a", { ...attributes, href: url, target: url.startsWith("https:") ? "_blank" : null, rel: "noopener noreferrer" }, ...children);
}

function ask(url) {
  byId("go-on").href = url;
  byId("nowhere").showModal();
}

export function start() {
  const dialog = byId("nowhere");
  if (!dialog) return;
  byId("go-back").addEventListener("click", () => dialog.close());
  byId("go-on").addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
}

// Masked numbers are shown, never dialled.
export const dialled = (phone) => (/^\+?[\d -]{3,}$/.test(phone) ? "tel:" + phone.replace(/[ -]/g, "") : null);

export function call(place, attributes, text) {
  const number = place.phones.map(dialled).find(Boolean);
  return number && way(number, { ...attributes, "aria-label": say("Call {name}", { name: place.name }) }, icon("phone"), text);
}
