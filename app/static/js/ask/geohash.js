// Which cell a point stands in: all that the server learns of where a phone is.

import { city } from "../page/embedded.js";

const LETTERS = "0123456789bcdefghjkmnpqrstuvwxyz";
const USUAL = 7; // where the server names no length

// Halves lon and lat in turn (Niemeyer 2008).
export function geohash({ lon, lat }, length) {
  const sides = [
    [-180, 180, lon],
    [-90, 90, lat],
  ];
  // `bits` begins with a 1, so that five halvings make it 32 or more: a letter is full.
  let letters = "";
  for (let bits = 1, step = 0; letters.length < length; step++) {
    const side = sides[step % 2];
    const middle = (side[0] + side[1]) / 2;
    const upper = side[2] >= middle;
    side[upper ? 0 : 1] = middle;
    bits = bits * 2 + upper;
    if (bits < 32) continue;
    letters += LETTERS[bits - 32];
    bits = 1;
  }
  return letters;
}

// How finely a point's cell is cut.
export const usual = (point) => city.cells[geohash(point, 4)] ?? USUAL;
