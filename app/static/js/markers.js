// Everything else on the map: places and clusters, tile by tile, so that a city of any size costs the same.

import { filters, tile } from "./api.js";
import { local, now, quarter } from "./clock.js";
import { el, icon } from "./dom.js";
import { filtered, onChange, onRenew, question } from "./state.js";
import { say, words } from "./words.js";

const REST_MS = 120; // a view left sooner than this asks for nothing

// A hexagon with a number or a picture. Names meet the page as attributes only.
export function pin([lon, lat], kind, size, inside, title) {
  const shape = L.divIcon({ html: el("i", {}, inside), className: "pin " + kind, iconSize: [size, size] });
  return L.marker([lat, lon], { icon: shape, title, alt: title });
}

// Keep the map filled. `choose(id, spot)`: a place was tapped; `listed(id)`: the list shows it already.
export function follow(map, choose, listed) {
  const layer = new (tiles(choose, listed))({ updateWhenIdle: true, keepBuffer: 1 });
  layer.addTo(map);
  map.on("hits", () => layer.redraw());
  onRenew(() => layer.redraw());
  onChange((changes) => filtered(changes) && layer.redraw());
}

function tiles(choose, listed) {
  return L.GridLayer.extend({
    createTile(at, done) {
      const stop = new AbortController();
      const drawn = L.layerGroup().addTo(this._map);
      const ask = () =>
        tile(at.z, at.x, at.y, query(), stop.signal).then(
          (found) => (fill(found, drawn, this._map, choose, listed), done(null, made)),
          (fault) => done(fault, made),
        );
      const soon = setTimeout(ask, REST_MS);
      const drop = () => (clearTimeout(soon), stop.abort(), drawn.remove());
      const made = Object.assign(document.createElement("div"), { drop });
      return made;
    },
    onAdd(map) {
      this.on("tileunload", ({ tile }) => tile.drop());
      return L.GridLayer.prototype.onAdd.call(this, map);
    },
  });
}

function query() {
  const asked = question();
  const asking = filters({ ...asked, open: asked.open === "at_arrival" ? "now" : asked.open }); // a tile knows no asker
  asking.set("at", local(quarter(now())));
  return asking;
}

function fill({ c: clusters = [], p: places = [] }, drawn, map, choose, listed) {
  for (const [lon, lat, n] of clusters) {
    const size = n < 10 ? 34 : n < 100 ? 40 : 48;
    const title = say("{n} places", { n });
    pin([lon, lat], "many", size, String(n), title).on("click", () => map.setView([lat, lon], map.getZoom() + 2)).addTo(drawn);
  }
  for (const [id, lon, lat, kind] of places) {
    if (!listed(id)) pin([lon, lat], "tile", 28, icon(kind), words.kinds[kind]).on("click", () => choose(id, [lon, lat])).addTo(drawn);
  }
}
