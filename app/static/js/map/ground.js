// A base map of our own: asks for its tiles, draws them on canvases of Leaflet's grid, and writes
// the names over all of them. Where a tile does not come, what lies below shows through.

import { address, keepNear } from "../ask/kept_ground.js";
import { colours, decode, draw, sharpness } from "./ground_tile.js";
import { write } from "./ground_names.js";

const SIZE = 256; // of a canvas; a tile covers four at its own zoom, more farther in
const KEPT = 40; // tiles stay read
const ROOM = 0.2; // of a screen beyond its edge, so that names stand while the map is drawn along
const REST_MS = 60; // tiles and pins come one after another: names wait for them

export function lay(map, { ground, bounds: [west, south, east, north], zooms }) {
  const [first, last] = zooms;
  const known = new Map(); // tiles by their address
  const laid = new Map(); // what canvases show
  const home = map.getContainer();

  // The tile that a canvas shows a part of, and which part.
  function source({ x, y, z }) {
    const zoom = Math.min(z - 1, last);
    const deeper = z - zoom;
    const [tx, ty] = [x >> deeper, y >> deeper];
    return {
      key: address(ground, zoom, tx, ty),
      whole: SIZE * 2 ** deeper,
      left: (x - tx * 2 ** deeper) * SIZE,
      top: (y - ty * 2 ** deeper) * SIZE,
    };
  }

  function tile(key) {
    let coming = known.get(key);
    if (!coming) {
      coming = fetch(key).then((reply) => {
        if (!reply.ok) throw reply;
        keepNear(key, reply.clone()).catch(() => {}); // a full phone keeps nothing
        return reply.arrayBuffer();
      });
      coming = coming.then((buffer) => {
        const began = performance.now();
        return { ...decode(buffer), read_ms: performance.now() - began };
      });
      coming.catch(() => known.delete(key));
      known.set(key, coming);
      if (known.size > KEPT) known.delete(known.keys().next().value);
    }
    return coming;
  }

  const Grid = L.GridLayer.extend({
    createTile(at, done) {
      const canvas = document.createElement("canvas");
      const from = source(at);
      tile(from.key).then(
        (held) => {
          const began = performance.now();
          draw(held, canvas, { ...from, size: SIZE, zoom: at.z, colour: colours(home) });
          // What the first canvas of a tile took, its reading included.
          canvas.dataset.ms = (performance.now() - began + held.read_ms).toFixed(1);
          held.read_ms = 0;
          laid.set(canvas, { at, names: held.names, ...from });
          done(null, canvas);
        },
        (fault) => done(fault, canvas),
      );
      return canvas;
    },
  });
  const layer = new Grid({
    tileSize: SIZE,
    keepBuffer: 1,
    minZoom: first + 1,
    bounds: L.latLngBounds([
      [south, west],
      [north, east],
    ]),
    className: "drawn",
  }).addTo(map);
  const names = canvasOver(map);
  let soon = 0;
  const later = () => {
    clearTimeout(soon);
    soon = setTimeout(() => names.write(tiles()), REST_MS);
  };

  // Each tile once, with where it lies on the map's own plane.
  function tiles() {
    const found = new Map();
    const origin = map.getPixelOrigin();
    for (const { at, key, names, whole, left, top } of laid.values())
      if (at.z === map.getZoom())
        found.set(key, {
          names,
          whole,
          x: at.x * SIZE - left - origin.x,
          y: at.y * SIZE - top - origin.y,
        });
    return [...found.values()];
  }

  layer.on("tileload", later);
  layer.on("tileunload", ({ tile }) => laid.delete(tile));
  map.on("moveend zoomend resize", later);
  map.on("zoomstart", names.hide);
  new MutationObserver(later).observe(map.getPane("markerPane"), { childList: true });
  // MediaQueryList.addEventListener came with Safari 14.
  matchMedia("(prefers-color-scheme: dark)").addListener(() => (layer.redraw(), later()));
  return layer;
}

// A canvas over the ground and under the pins.
function canvasOver(map) {
  const home = map.createPane("names");
  home.style.zIndex = 250;
  home.style.pointerEvents = "none";
  const canvas = document.createElement("canvas");
  canvas.className = "ground-names";
  canvas.setAttribute("aria-hidden", "true");
  home.append(canvas);
  return {
    hide: () => (canvas.style.visibility = "hidden"),
    write(tiles) {
      const size = map.getSize();
      if (!size.x) return;
      const [left, top] = [size.x * ROOM, size.y * ROOM].map(Math.round);
      const [width, height] = [size.x + 2 * left, size.y + 2 * top];
      const corner = map.containerPointToLayerPoint([-left, -top]);
      const sharp = sharpness();
      canvas.width = width * sharp;
      canvas.height = height * sharp;
      canvas.style.width = width + "px";
      canvas.style.height = height + "px";
      canvas.style.transform = `translate3d(${corner.x}px, ${corner.y}px, 0)`;
      const pen = canvas.getContext("2d");
      pen.scale(sharp, sharp);
      const laid = tiles.map(({ x, y, ...rest }) => ({
        ...rest,
        left: x - corner.x,
        top: y - corner.y,
      }));
      const drawn = write(pen, laid, {
        zoom: map.getZoom(),
        width,
        height,
        taken: standing(map, left, top),
        sight: [left, top, left + size.x, top + size.y],
        colour: colours(map.getContainer()),
      });
      Object.assign(canvas.dataset, drawn);
      canvas.style.visibility = "";
    },
  };
}

// The boxes of pins and of names that stand on the map, on the canvas that begins `left` and `top`
// before the map's corner.
function standing(map, left, top) {
  const home = map.getContainer().getBoundingClientRect();
  return [...map.getPane("markerPane").children]
    .map((marker) => (marker.firstElementChild || marker).getBoundingClientRect())
    .filter(({ width }) => width)
    .map((box) => [
      box.left - home.left + left,
      box.top - home.top + top,
      box.right - home.left + left,
      box.bottom - home.top + top,
    ]);
}
