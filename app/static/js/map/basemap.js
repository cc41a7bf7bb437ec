// The base map, where the server names one: its tiles under all else. Where they do not load, what
// lies below shows through.

import { gcj02 } from "../ask/datum.js";
import { el } from "../page/dom.js";

export function lay(map, { urls, datum, lastZoom }) {
  const layers = urls.map(
    (url) => new (pictures(url))({ className: "base", maxNativeZoom: lastZoom }),
  );
  if (datum === "gcj02") layers.forEach((layer) => shift(layer, map));
  layers.forEach((layer) => layer.addTo(map));
  watch(layers[0], map.getContainer().classList);
}

// Tiles that are pictures at an address with {x}, {y} and {z}.
const pictures = (url) =>
  L.GridLayer.extend({
    createTile: (at, done) =>
      el("img", {
        alt: "",
        src: url.replace(/\{([xyz])\}/g, (_, name) => at[name]),
        load: ({ target }) => done(null, target),
        error: ({ target }) => done(target, target),
      }),
  });

// Names of our own stay until a whole screen of tiles has come, and return when one fails.
function watch(layer, looks) {
  let failed = false;
  layer.on("loading", () => (failed = false));
  layer.on("tileerror", () => looks.remove("based", (failed = true)));
  layer.on("load", () => looks.toggle("based", !failed));
}

// Tiles of a shifted datum are asked for, and laid, where it has the middle of the map. All else on
// the map stays WGS-84, so no place, tap or outline is ever converted. The shift varies by less
// than a pixel over a screen. Two methods of Leaflet 1.9's GridLayer know where the middle is.
function shift(layer, map) {
  const there = ({ lng, lat }) => gcj02([lng, lat]).reverse();
  const { _getTiledPixelBounds: range, _setZoomTransform: place } = layer;
  layer._getTiledPixelBounds = (middle) => range.call(layer, there(middle));
  layer._setZoomTransform = (level, middle, zoom) => place.call(layer, level, there(middle), zoom);
  map.on("moveend", () => layer._setZoomTransforms(map.getCenter(), map.getZoom()));
}
