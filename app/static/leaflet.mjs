// What our map needs of Leaflet, from its sources: the sizes are in app/README.md. No canvas, no
// controls, no pop-ups, no image overlays.

import { DoubleClickZoom } from "leaflet/src/map/handler/Map.DoubleClickZoom.js";
import { Drag } from "leaflet/src/map/handler/Map.Drag.js";
import { Keyboard } from "leaflet/src/map/handler/Map.Keyboard.js";
import { ScrollWheelZoom } from "leaflet/src/map/handler/Map.ScrollWheelZoom.js";
import { TouchZoom } from "leaflet/src/map/handler/Map.TouchZoom.js";
import { Map } from "leaflet/src/map/Map.js";
import { svg } from "leaflet/src/layer/vector/SVG.js";

Object.assign(Map, { DoubleClickZoom, Drag, Keyboard, ScrollWheelZoom, TouchZoom });
Map.include({
    // One SVG for each pane that something is drawn in, half a screen larger on each side: a thumb
    // draws the map that far.
    getRenderer({ options: { pane } }) {
        const drawn = (this._drawn ??= {});
        drawn[pane] ??= svg({ pane, padding: 0.5 });
        return this.hasLayer(drawn[pane]) ? drawn[pane] : drawn[pane].addTo(this);
    },
});

export { toLatLngBounds as latLngBounds } from "leaflet/src/geo/LatLngBounds.js";
export { layerGroup } from "leaflet/src/layer/LayerGroup.js";
export { divIcon } from "leaflet/src/layer/marker/DivIcon.js";
export { marker } from "leaflet/src/layer/marker/Marker.js";
export { GridLayer } from "leaflet/src/layer/tile/GridLayer.js";
export { polygon } from "leaflet/src/layer/vector/Polygon.js";
export { polyline } from "leaflet/src/layer/vector/Polyline.js";
export { createMap as map } from "leaflet/src/map/Map.js";
