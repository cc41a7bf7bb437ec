// Reads Mapbox vector tiles (version 2.1) and draws them. Knows no map.

const UNITS = 4096; // along the side of a tile, whatever its layers count in
const SHARPEST = 3; // pixels of the screen a CSS pixel: more is not seen

// In the order in which they are drawn: layer and kind, the CSS variable of the colour, and of
// lines their width in pixels at zoom 15, and the variable of their edge.
const LOOKS = [
  ["land/land", "--area"],
  ["land/sand", "--sand"],
  ["land/plaza", "--plaza"],
  ["green/grass", "--park"],
  ["green/park", "--park"],
  ["green/wood", "--wood"],
  ["green/pitch", "--pitch"],
  ["water/sea", "--water"],
  ["water/water", "--water"],
  ["water/stream", "--water", 1],
  ["water/canal", "--water", 2],
  ["water/river", "--water", 3],
  ["building/building", "--built"],
  ["road/path", "--path", 0.9],
  ["rail/metro", "--rail", 1.4],
  ["rail/tram", "--rail", 1],
  ["rail/rail", "--rail", 1.6],
  ["road/service", "--road", 1.3, "--road-edge"],
  ["road/street", "--road", 2.4, "--road-edge"],
  ["road/link", "--main", 2, "--main-edge"],
  ["road/tertiary", "--road", 3.2, "--road-edge"],
  ["road/secondary", "--main", 3.6, "--main-edge"],
  ["road/primary", "--main", 4.4, "--main-edge"],
  ["road/trunk", "--main", 5, "--main-edge"],
  ["road/motorway", "--main", 5.4, "--main-edge"],
];
const DASHED = { "rail/metro": [6, 5], "road/path": [3, 2.5] };
const GROWTH = 1.42; // of a line's width, a zoom
const EDGED = 13; // edges of roads stand from this zoom on
const THINNEST = 0.6;

const letters = new TextDecoder();

// What a tile draws: paths by layer and kind, and names: { kind, name, zh, en, spots }, spots being
// x, y in turn, in units of the tile.
export function decode(buffer) {
  const bytes = new Uint8Array(buffer);
  const paths = {};
  const names = [];
  let at = 0;

  function varint() {
    let [value, shift, byte] = [0, 0, 0];
    do {
      byte = bytes[at++];
      value |= (byte & 127) << shift;
      shift += 7;
    } while (byte > 127);
    return value >>> 0;
  }

  // Calls take(field, value) for numbers and take(field, end) for all that has a length.
  function message(end, take) {
    while (at < end) {
      const key = varint();
      const sort = key & 7;
      if (sort === 2) {
        const stop = varint() + at;
        take(key >> 3, stop);
        at = stop;
      } else if (sort) at += sort === 5 ? 4 : 8;
      else take(key >> 3, varint());
    }
  }

  const string = (end) => letters.decode(bytes.subarray(at, end));

  function layer(end) {
    const [keys, values, features] = [[], [], []];
    let [title, extent] = ["", UNITS];
    message(end, (field, value) => {
      if (field === 1) title = string(value);
      else if (field === 2) features.push([at, value]);
      else if (field === 3) keys.push(string(value));
      else if (field === 4) {
        const number = values.push("") - 1;
        message(value, (sort, stop) => sort === 1 && (values[number] = string(stop)));
      } else if (field === 5) extent = value;
    });
    for (const [start, stop] of features) {
      at = start;
      feature(stop, title, keys, values, UNITS / extent);
    }
  }

  function feature(end, title, keys, values, scale) {
    const said = {};
    message(end, (field, stop) => {
      if (field === 2) while (at < stop) said[keys[varint()]] = values[varint()];
      else if (field === 4) geometry(stop, title, said, scale);
    });
  }

  function geometry(end, title, said, scale) {
    const path = (paths[title + "/" + said.kind] ??= new Path2D());
    let [x, y, spots] = [0, 0, []];
    const step = () => {
      const coded = varint();
      return ((coded >> 1) ^ -(coded & 1)) * scale;
    };
    const keep = () => said.name && spots.length && names.push({ ...said, title, spots });
    while (at < end) {
      const command = varint();
      if ((command & 7) === 7) path.closePath();
      else
        for (let left = command >> 3; left; left--) {
          x += step();
          y += step();
          if ((command & 7) === 1) {
            keep();
            spots = [];
            path.moveTo(x, y);
          } else path.lineTo(x, y);
          spots.push(x, y);
        }
    }
    keep();
  }

  message(bytes.length, (field, end) => field === 3 && layer(end));
  return { paths, names };
}

export const sharpness = () => Math.min(SHARPEST, devicePixelRatio || 1);

export const colours = (element) => {
  const style = getComputedStyle(element);
  return (name) => style.getPropertyValue(name).trim();
};

// Draw a part of a tile: `size` CSS pixels a side, the whole tile being `whole` wide and shifted by
// `left` and `top`.
export function draw({ paths }, canvas, { size, whole, left, top, zoom, colour }) {
  const sharp = sharpness();
  canvas.width = canvas.height = size * sharp;
  const pen = canvas.getContext("2d");
  const unit = whole / UNITS; // CSS pixels
  const grown = GROWTH ** (zoom - 15);
  pen.setTransform(unit * sharp, 0, 0, unit * sharp, -left * sharp, -top * sharp);
  pen.lineJoin = pen.lineCap = "round";
  const line = (key, stroke, px) => {
    pen.setLineDash((DASHED[key] || []).map((part) => part / unit));
    pen.lineCap = DASHED[key] ? "butt" : "round";
    pen.strokeStyle = stroke;
    pen.lineWidth = px / unit;
    pen.stroke(paths[key]);
  };
  const shown = LOOKS.filter(([key]) => paths[key]);
  const edges = shown.filter(([, , , edge]) => edge && zoom >= EDGED);
  let edged = false;
  for (const [key, name, width] of shown) {
    // The edges of all roads first: where roads meet, none crosses the other.
    if (!edged && key.startsWith("road") && key !== "road/path") {
      edged = true;
      for (const [road, , px, edge] of edges)
        line(road, colour(edge), Math.max(THINNEST, px * grown) + 1.4);
    }
    if (width) line(key, colour(name), Math.max(THINNEST, width * grown));
    else {
      pen.fillStyle = colour(name);
      pen.fill(paths[key]);
    }
  }
}
