// The server's time, as its replies tell it: the phone's own clock may be wrong. Waits for nothing.

const QUARTER_MS = 900e3;
let ahead = 0;

// From a reply's headers; `Age` is there where a shared cache has kept it for so long (RFC 9111,
// 5.1).
export function learn(headers) {
  const served = Date.parse(headers.get("Date")) + (headers.get("Age") || 0) * 1000;
  if (served) ahead = served - Date.now();
}

export const now = () => Date.now() + ahead;

// The beginning of the quarter hour of an instant.
export const quarter = (ms) => ms - (ms % QUARTER_MS);

// An instant in the city's time, whatever the phone's zone.
export const local = (ms) => new Date(ms + 8 * 3600e3).toISOString().slice(0, 19) + "+08:00";
