// The names on a base map of our own: streets along their line, stations, places. None covers
// another, a pin, or a name of ours that stands on the map already.

import { words } from "../page/embedded.js";

const UNITS = 4096;
const APART_PX = 260; // of two names of one street
const MARGIN_PX = 3; // about each name
const TURN = 0.5; // radians that a street may turn between two letters
const STEEP = 1.05; // radians: steeper than this, Chinese letters stand upright

// Kinds by importance: the size in px, the weight, the CSS variable of the colour, and the first
// zoom of the map.
const LOOKS = {
  city: [16, 700, "--ink", 0],
  town: [14, 700, "--ink", 0],
  metro: [12, 600, "--metro", 12],
  station: [12, 600, "--deep", 12],
  quarter: [12.5, 600, "--soft", 0],
  motorway: [11.5, 500, "--street-name", 12],
  trunk: [11.5, 500, "--street-name", 12],
  primary: [11.5, 500, "--street-name", 12],
  secondary: [11.5, 500, "--street-name", 14],
  water: [12, 500, "--water-name", 13],
  park: [11.5, 500, "--park-name", 14],
  tertiary: [11.5, 500, "--street-name", 14],
  street: [11, 500, "--street-name", 15],
  spot: [11, 500, "--soft", 15],
  link: [11, 500, "--street-name", 16],
  service: [10.5, 500, "--street-name", 16],
  path: [10.5, 500, "--street-name", 16],
  exit: [10.5, 600, "--metro", 17],
};
const ORDER = Object.keys(LOOKS);
const DOTTED = { metro: 3, station: 3, spot: 1.8, exit: 2 };
const SHORT = {
  Road: "Rd",
  Street: "St",
  Avenue: "Ave",
  Boulevard: "Blvd",
  Expressway: "Expy",
  Highway: "Hwy",
};
const shorter = (text) => text.replace(/[A-Z][a-z]+$/, (last) => SHORT[last] || last);
const spoken = ({ name, zh, en }) =>
  words.language === "en" ? shorter(en || name) : zh || name;
const isChinese = (text) => text > "\u2e80";

// Draw the names of these tiles: { names, left, top, whole }, where a tile lies on the canvas and
// how wide it is, in px. `taken` are boxes that stand already: [left, top, right, bottom]. Gives
// how many streets and how many places have their name in `sight`, a box, too.
export function write(pen, tiles, { zoom, width, height, taken, sight, colour }) {
  const streets = new Set();
  let places = 0;
  const stood = new Map(); // where names of a street stand, by its name
  const isFree = (box) =>
    inside([0, 0, width, height], box) && !taken.some((other) => meet(other, box));
  pen.lineJoin = "round";
  pen.textAlign = "center";
  pen.textBaseline = "middle";

  for (const { kind, text, title, spots } of candidates(tiles, zoom)) {
    const [size, weight, ink] = LOOKS[kind];
    pen.font = `${weight} ${size}px system-ui, "Noto Sans CJK SC", sans-serif`;
    const placed =
      title === "road" ? along(text, spots, size) : beside(text, spots, size, DOTTED[kind]);
    if (!placed) continue;
    taken.push(...placed.boxes);
    pen.strokeStyle = colour("--area");
    pen.fillStyle = colour(ink);
    pen.lineWidth = 3;
    for (const paint of ["strokeText", "fillText"])
      for (const { letters, x, y, turn } of placed.parts) {
        pen.save();
        pen.translate(x, y);
        pen.rotate(turn);
        pen[paint](letters, 0, 0);
        pen.restore();
      }
    if (placed.dot) {
      pen.beginPath();
      pen.arc(...placed.dot, 0, 7);
      pen.lineWidth = 1.5;
      pen.stroke();
      pen.fill();
    }
    if (!placed.boxes.every((box) => inside(sight, box))) continue;
    if (title === "road") streets.add(text);
    else places++;
  }
  return { streets: streets.size, places };

  // A name at a point, below a dot; one without a dot stands on the point.
  function beside(text, [x, y], size, dot) {
    const half = pen.measureText(text).width / 2 + MARGIN_PX;
    const below = y + (dot ? dot + size * 0.75 : 0);
    const box = [x - half, dot ? y - dot : y - size * 0.6, x + half, below + size * 0.6];
    return (
      isFree(box) && {
        boxes: [box],
        parts: [{ letters: text, x, y: below, turn: 0 }],
        dot: dot && [x, y, dot],
      }
    );
  }

  // A name along a line, letter by letter, where the line is long and straight enough.
  function along(text, spots, size) {
    const space = isChinese(text) ? size * 0.18 : 0;
    const widths = [...text].map((letter) => pen.measureText(letter).width + space);
    const long = widths.reduce((sum, one) => sum + one, 0);
    const run = measured(spots);
    if (run.long < long + size) return null;
    for (const part of [0.5, 0.3, 0.7, 0.15, 0.85]) {
      const from = Math.min(Math.max(0, run.long * part - long / 2), run.long - long);
      const placed = letter([...text], widths, run, from, from + long, size);
      if (!placed || !placed.boxes.every(isFree)) continue;
      const { x, y } = placed.parts[widths.length >> 1];
      const others = stood.get(text) || [];
      if (others.some((other) => Math.hypot(other.x - x, other.y - y) < APART_PX)) continue;
      stood.set(text, [...others, { x, y }]);
      return placed;
    }
    return null;
  }

  function letter(text, widths, run, from, to, size) {
    const [start, end] = [run.spotAt(from), run.spotAt(to)];
    const slope = Math.atan2(end.y - start.y, end.x - start.x);
    const upright = isChinese(text[0]) && Math.abs(Math.abs(slope) - Math.PI / 2) < Math.PI / 2 - STEEP;
    const back = upright ? end.y < start.y : end.x < start.x;
    const parts = [];
    const boxes = [];
    let [done, before] = [0, null];
    for (const [number, one] of text.entries()) {
      const middle = done + widths[number] / 2;
      const spot = run.spotAt(back ? to - middle : from + middle);
      const turn = (back ? spot.turn + Math.PI : spot.turn) - (upright ? Math.PI / 2 : 0);
      if (before !== null && Math.abs(Math.atan2(Math.sin(turn - before), Math.cos(turn - before))) > TURN)
        return null;
      before = turn;
      done += widths[number];
      parts.push({ letters: one, x: spot.x, y: spot.y, turn });
      const half = Math.max(size, widths[number]) * 0.55 + 1;
      boxes.push([spot.x - half, spot.y - half, spot.x + half, spot.y + half]);
    }
    return { parts, boxes };
  }
}

// Names where they lie on the canvas, the most telling first, of one kind the longest line first.
function candidates(tiles, zoom) {
  const found = [];
  for (const { names, left, top, whole } of tiles) {
    const unit = whole / UNITS;
    for (const named of names) {
      const rank = ORDER.indexOf(named.kind);
      if (rank < 0 || LOOKS[named.kind][3] > zoom) continue;
      const spots = named.spots.map((one, n) => one * unit + (n % 2 ? top : left));
      const { kind, title } = named;
      const long = title === "road" ? measured(spots).long : 0;
      found.push({ kind, title, text: spoken(named), spots, rank, long });
    }
  }
  return found.sort((a, b) => a.rank - b.rank || b.long - a.long);
}

// The length of a line, and where one is on it after so many px.
function measured(spots) {
  const ends = [0];
  for (let n = 2; n < spots.length; n += 2)
    ends.push(
      ends[ends.length - 1] + Math.hypot(spots[n] - spots[n - 2], spots[n + 1] - spots[n - 1]),
    );
  const spotAt = (px) => {
    let n = 1;
    while (n < ends.length - 1 && ends[n] < px) n++;
    const [x, y, dx, dy] = [
      spots[2 * n - 2],
      spots[2 * n - 1],
      spots[2 * n] - spots[2 * n - 2],
      spots[2 * n + 1] - spots[2 * n - 1],
    ];
    const part = (px - ends[n - 1]) / (ends[n] - ends[n - 1] || 1);
    return { x: x + dx * part, y: y + dy * part, turn: Math.atan2(dy, dx) };
  };
  return { long: ends[ends.length - 1], spotAt };
}

const inside = (a, b) => a[0] <= b[0] && a[1] <= b[1] && a[2] >= b[2] && a[3] >= b[3];
const meet = (a, b) => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
