// The server's time, as its replies tell it: the phone's own clock may be wrong. Waits for nothing.

import { city } from "../page/embedded.js";
import { local as inZone } from "./zone.js";

export { quarter } from "./zone.js";

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

// An instant in the city's time, whatever the phone's zone.
export const local = (ms) => inZone(city.timezone, ms);
