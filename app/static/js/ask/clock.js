// The server's time, as its replies tell it: the phone's own clock may be wrong. Waits for nothing.

import { city } from "../page/embedded.js";
import { written } from "./instant.js";

export { quarter } from "./instant.js";

const MINUTE_MS = 60e3;

let ahead = 0;

// From a reply's headers; `Age` is there where a shared cache has kept it for so long (RFC 9111,
// 5.1).
export function learn(headers) {
  const served = Date.parse(headers.get("Date")) + (headers.get("Age") || 0) * 1000;
  if (served) ahead = served - Date.now();
}

export const now = () => Date.now() + ahead;

// Midnight of the city's day, as dates without a time are read.
export const today = () => Date.parse(local(now()).slice(0, 10));

// How far the city's clocks are then ahead of UTC, as the page tells it: the browser's own table of
// zones takes a phone longer to open than all else that is asked before the first list.
const shift = (ms) =>
  city.clocks.filter(([since], n) => !n || since * MINUTE_MS <= ms).pop()[1] * MINUTE_MS;

// An instant in the city's time, whatever the phone's zone.
export const local = (ms) => written(ms, shift(ms));
