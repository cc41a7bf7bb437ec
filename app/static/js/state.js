// What the rider asks for, and its mirror in the address bar. The position is never in it, nor stored anywhere.

import { told } from "./dom.js";
import { words } from "./words.js";

export const city = told("city");

const NEAR_M = 5000;
const start = new URLSearchParams(location.search);

export const asked = {
  point: null, // { lon, lat, accuracy_m?, name? }
  needs: new Set((start.get("needs") || "").split(",").filter((need) => need in words.needs)),
  open: start.get("open") === "any" ? "any" : "now",
  reach_m: NEAR_M,
  k: 10,
  place: start.get("place"),
};

const listeners = [];
export const onChange = (listener) => listeners.push(listener);

// Take changes over, write the address, tell everybody. A new question starts near and short again.
export function change(changes) {
  if (!("reach_m" in changes || "k" in changes || "place" in changes)) Object.assign(asked, { reach_m: NEAR_M, k: 10 });
  Object.assign(asked, changes);
  history.replaceState(history.state, "", address());
  listeners.forEach((listener) => listener(changes));
}

export function address(changes = {}) {
  const now = { ...asked, lang: start.get("lang"), ...changes };
  const query = [];
  if (now.lang) query.push("lang=" + encodeURIComponent(now.lang));
  if (now.needs.size) query.push("needs=" + [...now.needs].join(","));
  if (now.open !== "now") query.push("open=" + now.open);
  if (now.place) query.push("place=" + encodeURIComponent(now.place));
  return query.length ? "/?" + query.join("&") : "/";
}
