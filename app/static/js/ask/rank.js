// Ranks the candidates of a cell for a point, exactly as the server does. Sends nothing and draws
// nothing.
//
// The geodesic is that of geodata/space/tangent.py: ECEF chords, and the series d = c(1 + s/24 +
// 3s²/640), s = (c/R)², with Euler's radius R at the asker. Lines are cut to 200 m along straight
// lon/lat, as geodata/index cuts them.

const A = 6378137;
const F = 1 / 298.257223563;
const E2 = F * (2 - F);
const STEP_M = 200;
const SOON_MIN = 30;
// So much longer than the longest that the straight line lets expect: the long way round.
const ROUND_S = 180;
const CLOSED = 0;
const OPEN = 1;
const UNKNOWN = 2;
// What a place is to who gets there and stays, in the order that lists have it.
const VERDICTS = [OPEN, UNKNOWN, CLOSED];
export const WORDS = ["closed", "open", "unknown", "closing_soon", "opening_soon"];

const radians = (degrees) => (degrees * Math.PI) / 180;

// Earth-centred coordinates in metres, on the ellipsoid of WGS 84 (height 0). Between two such
// points the straight line through the earth is cheap and exact, and the way along the surface
// follows from it.
function ecef([lon, lat]) {
  const [l, p] = [radians(lon), radians(lat)];
  const prime = A / Math.sqrt(1 - E2 * Math.sin(p) ** 2);
  return [
    prime * Math.cos(p) * Math.cos(l),
    prime * Math.cos(p) * Math.sin(l),
    prime * (1 - E2) * Math.sin(p),
  ];
}

// Vectors of three.
const minus = (a, b) => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

// What is the same for every place that is measured from one point: where it is, which way is east
// and north there, and how strongly the earth bends in each direction (the two radii of curvature,
// metres).
function asker(lon, lat) {
  const [l, p] = [radians(lon), radians(lat)];
  const w2 = 1 - E2 * Math.sin(p) ** 2;
  const prime = A / Math.sqrt(w2);
  return {
    at: ecef([lon, lat]),
    east: [-Math.sin(l), Math.cos(l), 0],
    north: [-Math.sin(p) * Math.cos(l), -Math.sin(p) * Math.sin(l), Math.cos(p)],
    prime,
    meridian: (prime * (1 - E2)) / w2,
  };
}

// How far a spot is along the surface, and in which direction (0 is north, 90 east). The chord is
// shorter than the arc above it; Euler's formula gives the curvature in just this direction, and
// two terms of the series for the arc make the length right to a millimetre within a city.
function reach(from, spot) {
  const chord = minus(spot, from.at);
  const [e, n, c2] = [dot(chord, from.east), dot(chord, from.north), dot(chord, chord)];
  const flat2 = n * n + e * e;
  // Straight above or below there is no direction to ask for.
  if (flat2 === 0) return { metres: Math.sqrt(c2), bearing: 0 };
  const curvature =
    (n * n * from.prime + e * e * from.meridian) / (flat2 * from.meridian * from.prime);
  const s = c2 * curvature * curvature;
  const bearing = (Math.atan2(e, n) * 180) / Math.PI;
  return {
    metres: Math.sqrt(c2) * (1 + s * (1 / 24 + s * (3 / 640))),
    bearing: bearing < 0 ? bearing + 360 : bearing,
  };
}

export const metresBetween = (a, b) => reach(asker(a.lon, a.lat), ecef([b.lon, b.lat])).metres;

// The point of a line nearest to the asker: vertices added to 200 m, then the nearest spot of each
// chord.
function foot(from, line) {
  // Squares of distances are enough to compare, and spare a root for each piece.
  let best = { d2: Infinity };
  for (let i = 0; i + 1 < line.length; i++) {
    const [a, b] = [line[i], line[i + 1]];
    const span = minus(ecef(b), ecef(a));
    const pieces = Math.max(1, Math.ceil(Math.sqrt(dot(span, span)) / STEP_M));
    const along = (t) => [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t];
    for (let piece = 0; piece < pieces; piece++) {
      const [u, v] = [ecef(along(piece / pieces)), ecef(along((piece + 1) / pieces))];
      const way = minus(v, u);
      const length2 = dot(way, way);
      // How far along the piece the foot of the perpendicular lies, kept between its ends.
      const t = length2 > 0 ? Math.min(1, Math.max(0, dot(minus(from.at, u), way) / length2)) : 0;
      const spot = [u[0] + t * way[0], u[1] + t * way[1], u[2] + t * way[2]];
      const gap = minus(spot, from.at);
      const d2 = dot(gap, gap);
      if (d2 < best.d2) best = { d2, spot, lonlat: along((piece + t) / pieces) };
    }
  }
  return best;
}

// The state of hours at a whole minute after the cell's `at`, as hours.states_at has it.
export function stateAt([intervals], minute) {
  const next = intervals.findIndex(([, end]) => end > minute);
  if (next < 0) return CLOSED;
  const [start, end, state] = intervals[next];
  if (start > minute) return state === OPEN && start - minute <= SOON_MIN ? 4 : CLOSED;
  if (state === UNKNOWN) return UNKNOWN;
  const touched = intervals[next + 1]?.[0] === end;
  return touched || end - minute > SOON_MIN ? OPEN : 3;
}

// Why hours are unknown at a minute because of the day it is, as hours.reasons has it; undefined
// where that is not why, or where a reply kept from before does not tell.
export const reasonAt = (reasons = [], hoursRow, minute) =>
  (reasons.find(
    ([row, start, end]) => row === hoursRow && start <= minute && minute < end,
  ) || [])[3];

// The minute at which open, closed or unknown next becomes another of these; null if not within 400
// days.
export function changeAfter([intervals, later], minute, horizon) {
  const edges = intervals
    .flatMap(([start, end]) => [start, end])
    .filter((edge) => edge > minute && edge < horizon);
  return edges.length ? Math.min(...edges) : later;
}

// Open from a minute on for as long as one stays, or from up to `grace` later: hours.open_through.
export function openThrough([intervals], arrive, stay, grace, unknownPasses) {
  let [reached, leave, began] = [arrive, arrive + stay, false];
  for (const [start, end, state] of intervals) {
    if (end <= reached || (state === UNKNOWN && !unknownPasses)) continue;
    if (start > (began ? reached : reached + grace)) return false;
    if (!began) leave = Math.max(leave, start + stay);
    began = true;
    reached = end;
    if (leave <= reached) return true;
  }
  return false;
}

// The state on arrival: soon where the range of the estimate straddles a change. Board.on_arrival.
export function onArrival([intervals], least, expected, most) {
  const there = intervals.find(([start, end]) => start <= expected && expected < end);
  if (there?.[2] === UNKNOWN) return UNKNOWN;
  const open = intervals.filter(([, , state]) => state === OPEN);
  if (there) return open.some(([start, end]) => start <= least && most < end) ? OPEN : 3;
  return open.some(([start, end]) => start <= most && least < end) ? 4 : CLOSED;
}

function passes(hours, asked, minute, wayS, unknownPasses = asked.includeUnknown) {
  if (asked.open === "now") {
    const state = stateAt(hours, Math.floor(minute));
    return state === OPEN || state === 3 || (state === UNKNOWN && unknownPasses);
  }
  // Any passes all; a cell holds no others for 24h, nor for filters of place.
  if (asked.open === "24h") return unknownPasses || stateAt(hours, 0) !== UNKNOWN;
  if (asked.open === "any") return true;
  return openThrough(hours, minute + wayS / 60, asked.stayMin, 0, unknownPasses);
}

// Whether it is open from a minute on for as long as one stays, or nobody knows, or it is not.
function verdict(hours, minute, stay) {
  if (openThrough(hours, minute, stay, 0, false)) return OPEN;
  return openThrough(hours, minute, stay, 0, true) ? UNKNOWN : CLOSED;
}

// How many minutes it stays open from a minute on, as far as the hours tell.
function openFor([intervals], minute) {
  let until = minute;
  for (const [start, end, state] of intervals)
    if (state === OPEN && start <= until && end > until) until = end;
  return until - minute;
}

// The number of the square of a cell that a point stands in: lines from the south, each from the
// west.
export function squareOf([west, south, east, north], perSide, { lon, lat }) {
  const step = (share) => Math.min(perSide - 1, Math.floor(share * perSide));
  return step((lat - south) / (north - south)) * perSide + step((lon - west) / (east - west));
}

// Seconds by road to each of a cell's places, from the middle of the square that the point stands
// in; undefined where nobody knows. Each square tells what to add to the known one before it.
function byRoad({ squares, cell }, point) {
  if (!squares) return () => undefined;
  const { perSide, seconds } = squares;
  const mine = squareOf(cell, perSide, point);
  return (row) =>
    seconds[row]?.[mine] == null
      ? undefined
      : seconds[row].slice(0, mine + 1).reduce((sum, more) => sum + more, 0);
}

// Whether a place is one that the roads' extract does not reach, for who stands on them: it is
// ranked by the most that the estimate allows.
function beyondRoads({ squares, cell }, point) {
  const beyond = new Set(squares?.beyond);
  if (!beyond.size || squares.offRoad.includes(squareOf(cell, squares.perSide, point)))
    return () => false;
  return (row) => beyond.has(row);
}

// Expected, least and most seconds of a way by its straight metres: estimate.eta.
function pieces({ metres, seconds }, mode) {
  return (way) => {
    let piece = 0;
    while (piece + 2 < metres.length && metres[piece + 1] <= way) piece++;
    const length = metres[piece + 1] - metres[piece];
    return seconds[mode].map((told) => {
      const slope = (told[piece + 1] - told[piece]) / length;
      return told[piece] - metres[piece] * slope + slope * way;
    });
  };
}

// The k best of a cell's candidates for a point of the cell at an instant of its quarter hour: the
// nearest, hours on arrival judged by the estimate; or with `fastest` those first reached by road,
// hours judged then, and among them what the roads' extract does not reach. Equal seconds, and what
// else no time by road is known to, which comes last, stand by distance. Asked `apart` it is the k
// best of those that certainly pass, and k of those that pass only because unknown hours do; what is
// open when one gets there stands first then, what is closed last. asked: {lon, lat, at (ms), k,
// maxDistanceM, open, includeUnknown, mode, stayMin, fastest, apart}; estimate: estimate.table().
export function rank(cell, asked, estimate) {
  const from = asker(asked.lon, asked.lat);
  const minute = (asked.at - Date.parse(cell.at)) / 60000;
  const wayS = pieces(estimate, asked.mode);
  const roadS = byRoad(cell, asked);
  const beyond = beyondRoads(cell, asked);
  const hits = [];
  for (const [
    row,
    [id, where, kind, name, nameEn, order, services, door, hoursRow, phone, audience, type, radiusM, checked, register],
  ] of cell.places.entries()) {
    const line = Array.isArray(where[0]) ? foot(from, where) : null;
    const { metres, bearing } = reach(from, line ? line.spot : ecef(where));
    const hours = cell.hours[hoursRow];
    const [expectedS, leastS, mostS] = wayS(metres);
    const road = roadS(row);
    const etaS = road ?? expectedS;
    const judgedS = asked.fastest ? etaS : expectedS;
    if (metres > asked.maxDistanceM || !passes(hours, asked, minute, judgedS)) continue;
    const after = (seconds) => minute + seconds / 60;
    const there = verdict(hours, after(judgedS), asked.stayMin);
    const state = stateAt(hours, Math.floor(minute));
    hits.push({
      id,
      where,
      kind,
      name,
      nameEn,
      services,
      door,
      phone,
      audience,
      type,
      radiusM,
      checked,
      register,
      certain: passes(hours, asked, minute, judgedS, false),
      verdict: there,
      openFor: openFor(hours, after(judgedS)),
      order,
      metres,
      bearing,
      lonlat: line ? line.lonlat : where,
      etaS,
      byRoad: road !== undefined,
      rankS: road ?? (beyond(row) ? mostS : Number.MAX_VALUE),
      round: etaS > mostS + ROUND_S,
      state,
      reason:
        state === UNKNOWN ? reasonAt(cell.reasons, hoursRow, Math.floor(minute)) : undefined,
      reasonThere:
        there === UNKNOWN
          ? reasonAt(cell.reasons, hoursRow, Math.floor(after(judgedS)))
          : undefined,
      change: changeAfter(hours, Math.floor(minute), cell.horizon),
      arrival: onArrival(
        hours,
        after(Math.min(leastS, etaS)),
        after(etaS),
        after(Math.max(mostS, etaS)),
      ),
    });
  }
  const rankS = (hit) => (asked.fastest ? hit.rankS : 0);
  hits.sort((a, b) => rankS(a) - rankS(b) || a.metres - b.metres || a.order - b.order);
  if (!asked.apart) return { hits: hits.slice(0, asked.k), more: hits.length > asked.k };
  const sections = [true, false].map((certain) => hits.filter((hit) => hit.certain === certain));
  const place = (hit) => VERDICTS.indexOf(hit.verdict);
  return {
    hits: sections
      .flatMap((section) => section.slice(0, asked.k))
      .map((hit, n) => [hit, n])
      .sort(([a, i], [b, j]) => place(a) - place(b) || i - j)
      .map(([hit]) => hit),
    more: sections.some((section) => section.length > asked.k),
  };
}
