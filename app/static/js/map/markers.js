// Everything else on the map: places and clusters, tile by tile, so that a city of any size costs
// the same.

import { tile } from "../ask/api.js";
import { local, now, quarter } from "../ask/clock.js";
import { filters } from "../ask/question.js";
import { filtered, onChange, onRenew, question } from "../ask/state.js";
import { el, icon } from "../page/dom.js";
import { words } from "../page/embedded.js";
import { say } from "../page/words.js";

const REST_MS = 120; // a view left sooner than this asks for nothing

let last = null;

// A hexagon with a number or a picture, which a tap opens. One that stands for several
// (`held`, see free.js) opens one after another. Names meet the page as attributes only.
export function pin([lon, lat], kind, size, inside, title, open) {
  const shape = L.divIcon({
    html: el("i", {}, inside),
    className: "pin " + kind,
    iconSize: [size, size],
  });
  const marker = L.marker([lat, lon], { icon: shape, title });
  marker.on("click", () => {
    const { held } = marker.getElement();
    last = held ? held[(held.indexOf(last) + 1) % held.length] : marker.getElement();
    last.open();
  });
  return marker.on("add", () => {
    const element = marker.getElement();
    element.setAttribute("aria-label", title);
    element.open = open;
  });
}

// How many, and how many of them are open: as a number, as words and as the part of the rim that is
// lit.
function many([lon, lat, n, open, unknown], tap) {
  const title = say("{n} places: {open} open, {unknown} of unknown hours, {closed} closed", {
    n,
    open,
    unknown,
    closed: n - open - unknown,
  });
  const unsure = unknown ? el("small", { class: "doubt" }, "?" + unknown) : null;
  const inside = el(
    "span",
    {},
    el("b", {}, String(n)),
    el("small", {}, say("{n} open", { n: open })),
    unsure,
  );
  inside.style.setProperty("--open-part", open / n);
  inside.style.setProperty("--known-part", (open + unknown) / n);
  return pin([lon, lat], "many", n < 10 ? 42 : n < 100 ? 46 : 52, inside, title, tap);
}

// Keep the map filled. `choose(id, spot)`: a place was tapped; `listed(id)`: the list shows it
// already.
export function follow(map, choose, listed) {
  const layer = new (tiles(choose, listed))({ updateWhenIdle: true, keepBuffer: 1 });
  layer.addTo(map);
  map.on("hits", () => layer.redraw());
  onRenew(() => layer.redraw());
  onChange((changes) => filtered(changes) && layer.redraw());
}

function tiles(choose, listed) {
  return L.GridLayer.extend({
    // An empty element that stands for the tile: what lies in it is drawn on the map itself, so
    // that pins are not cut at its edges. A tile that is no longer wanted takes its request and its
    // pins along.
    createTile(at, done) {
      const stop = new AbortController();
      const drawn = L.layerGroup().addTo(this._map);
      const ask = () =>
        tile(at.z, at.x, at.y, query(), stop.signal).then(
          (found) => (fill(found, drawn, this._map, choose, listed), done(null, made)),
          (fault) => done(fault, made),
        );
      const soon = setTimeout(ask, REST_MS);
      const forget = () => (clearTimeout(soon), stop.abort(), drawn.remove());
      const made = Object.assign(document.createElement("div"), { forget });
      return made;
    },
    onAdd(map) {
      this.on("tileunload", ({ tile }) => tile.forget());
      return L.GridLayer.prototype.onAdd.call(this, map);
    },
  });
}

function query() {
  const asked = question();
  // A tile knows no asker.
  const asking = filters({ ...asked, open: asked.open === "at_arrival" ? "now" : asked.open });
  asking.set("at", local(quarter(now())));
  return asking;
}

function fill({ c: clusters = [], p: places = [] }, drawn, map, choose, listed) {
  for (const cluster of clusters) {
    const [lon, lat] = cluster;
    many(cluster, () => map.setView([lat, lon], map.getZoom() + 2)).addTo(drawn);
  }
  for (const [id, lon, lat, kind] of places) {
    if (!listed(id))
      pin([lon, lat], "tile", 28, icon(kind), words.kinds[kind], () =>
        choose(id, [lon, lat]),
      ).addTo(drawn);
  }
}
