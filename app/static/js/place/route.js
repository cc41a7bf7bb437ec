// The rider's own way out of those that lead from their cell to a place. Sends no position.

import { ways } from "../ask/api.js";
import { geohash, usual } from "../ask/geohash.js";
import { squareOf } from "../ask/rank.js";
import { asked } from "../ask/state.js";

const STEPS = 1e5;

// The way there, drawn where it is known, on the map that `standing` brings; without it the place is
// shown all the same.
export async function lead(id, spot, standing) {
  const { point, mode } = asked;
  const course = await to(id, point, mode).catch(() => []);
  const map = await standing();
  if (course.length && asked.place === id && asked.point === point) map?.lead(id, course, spot);
}

// The way over the roads as [lon, lat], from where the point's square sets out; empty where there
// is none.
async function to(id, point, mode) {
  const { cell, ways: known } = await ways(geohash(point, usual(point)), id, mode);
  const course = [];
  for (
    let at = known?.first[squareOf(cell, known.perSide, point)] ?? -1;
    at >= 0;
    at = known.parts[at][0]
  )
    course.push(...unpacked(known.parts[at][1]));
  return course;
}

function unpacked(steps) {
  let [lon, lat] = [0, 0];
  return steps.flatMap((step, at) =>
    at % 2 ? [[(lon += steps[at - 1]) / STEPS, (lat += step) / STEPS]] : [],
  );
}
