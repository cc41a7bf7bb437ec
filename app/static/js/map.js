// The map: outlines, names, the point asked about, the places found. Loaded after the list; draws what others decide.

import { areas, middle } from "./api.js";
import { el, told } from "./dom.js";
import { follow, pin } from "./markers.js";
import { onRenew } from "./state.js";
import { distance, named, say, words } from "./words.js";

const NEAR_ZOOM = 15;
const DEGREE_M = 111_320; // of latitude; the rings' labels need no more
const RINGS_M = [250, 500, 1000, 2000, 5000];
const SIGHT = { padding: [44, 44], maxZoom: 16, animate: false };
const SEEN = 5; // of the list, that the map opens on
const APART_PX = 56; // labels nearer than this would cover each other
const described = told("map-described");

let map = null;
let hits = null;
let me = null;
let mine = null;
let chosen = null;
let tapped = null;
let numbered = new Map();
let filled = false;
let unseen = null;
let earth = null;

// Load Leaflet and draw. `pick(lon, lat)`: the rider tapped the ground; `choose(id, spot, feature?)`: a place.
export async function start({ pick, choose }) {
  await Promise.all([...described.styles.map(style), ...described.scripts.map(script)]);
  map = L.map("map", { ...described.options, center: described.center, zoomControl: false, attributionControl: false });
  L.control.zoom({ position: "topright", zoomInTitle: say("Zoom in"), zoomOutTitle: say("Zoom out") }).addTo(map);
  map.on("click", ({ latlng }) => pick(Math.round(latlng.lng * 1e6) / 1e6, Math.round(latlng.lat * 1e6) / 1e6));
  tapped = choose;
  hits = L.layerGroup().addTo(map);
  me = L.layerGroup().addTo(map);
  resize();
  map.createPane("ground").style.zIndex = 250; // beneath circles and streets, which are drawn sooner
  onRenew(lay);
  lay();
}

const lay = () => ground().catch(() => {}); // without outlines the places still stand where they are

// The map has come into sight, or changed its size. Unseen it asks for no tiles.
export function resize() {
  map.invalidateSize({ animate: false });
  if (!map.getSize().x) return;
  if (!filled) follow(map, tapped, (id) => numbered.has(id));
  filled = true;
  if (unseen) map.fitBounds(unseen, SIGHT);
  unseen = null;
}

// The places of the list, numbered as there. `look`: bring them all into sight.
export function draw(features, look) {
  if (!map) return;
  hits.clearLayers();
  numbered = new Map();
  features.forEach((feature, at) => {
    if (feature.geometry.type === "LineString") L.polyline(feature.geometry.coordinates.map(latLng), { className: "street", interactive: false }).addTo(hits);
    const spot = feature.properties.nearest_point || middle(feature.geometry);
    const marker = pin(spot, feature.properties.open?.state === "unknown" ? "hit unsure" : "hit", 34, String(at + 1), named(feature.properties));
    marker.on("click", () => tapped(feature.id, spot, feature)).addTo(hits);
    numbered.set(feature.id, marker);
  });
  map.fire("hits");
  if (look && features.length) sight([...numbered.values()].slice(0, SEEN).map((marker) => marker.getLatLng()));
}

function sight(spots) {
  const bounds = L.latLngBounds(mine ? [...spots, mine] : spots);
  if (map.getSize().x) map.fitBounds(bounds, SIGHT);
  else unseen = bounds;
}

// The point asked about, and how sure the phone is of it.
export function here(point, look) {
  if (!map || !point) return;
  me.clearLayers();
  mine = [point.lat, point.lon];
  rings(point);
  if (point.accuracy_m > 15) L.circle(mine, { radius: point.accuracy_m, className: "reach", interactive: false }).addTo(me);
  const shape = { html: "", className: "me", iconSize: [20, 20] };
  L.marker(mine, { icon: L.divIcon(shape), interactive: false, keyboard: false }).addTo(me);
  if (look) map.setView(mine, Math.max(map.getZoom(), NEAR_ZOOM), { animate: false });
}

// How far is far: without streets to go by, circles tell it.
function rings({ lon, lat }) {
  for (const radius of RINGS_M) {
    L.circle([lat, lon], { radius, className: "ring", fill: false, interactive: false }).addTo(me);
    label([distance(radius), "", lon, lat + radius / DEGREE_M], "far-off").addTo(me);
  }
}

// Bring a place into sight, above the sheet, and make it stand out.
export function choose(id, spot) {
  if (!map) return;
  chosen?.getElement()?.classList.remove("chosen");
  chosen = numbered.get(id);
  chosen?.getElement()?.classList.add("chosen");
  if (!spot || !map.getSize().x) return;
  map.setView(latLng(spot), Math.max(map.getZoom(), NEAR_ZOOM), { animate: false });
  map.panBy(innerWidth < 900 ? [0, map.getSize().y * 0.28] : [-200, 0], { animate: false });
}

const latLng = ([lon, lat]) => [lat, lon];

async function ground() {
  const drawn = await areas();
  earth?.remove();
  earth = L.layerGroup().addTo(map);
  const still = { interactive: false, pane: "ground" };
  L.polygon(drawn.rings.map((ring) => [ring.map(latLng)]), { ...still, className: "area", fillOpacity: 1 }).addTo(earth);
  L.polyline(drawn.borders.map((edge) => edge.map(latLng)), { ...still, className: "border" }).addTo(earth);
  const layers = [
    [drawn.districts, "district", 0, 12],
    [drawn.offices, "office", 13, 14],
    [drawn.landmarks, "landmark", 15, 18],
  ].map(([spots, kind, from, to]) => ({ group: L.layerGroup(spots.map((spot) => label(spot, kind))), from, to }));
  const show = () => {
    const zoom = map.getZoom();
    for (const { group, from, to } of layers) zoom >= from && zoom <= to ? spread(group.addTo(earth)) : earth.removeLayer(group);
  };
  map.on("zoomend", show);
  earth.on("remove", () => map.off("zoomend", show));
  show();
}

// Hide the labels that would cover one before them.
function spread(group) {
  const taken = [];
  group.eachLayer((marker) => {
    const at = map.project(marker.getLatLng());
    const free = taken.every((other) => Math.abs(other.y - at.y) > APART_PX / 3 || Math.abs(other.x - at.x) > APART_PX * 2);
    if (free) taken.push(at);
    marker.getElement().hidden = !free;
  });
}

function label([name, name_en, lon, lat], kind) {
  const text = words.language === "en" && name_en ? name_en : name;
  const shape = L.divIcon({ html: el("span", {}, text), className: "word " + kind, iconSize: [0, 0] });
  return L.marker([lat, lon], { icon: shape, interactive: false, keyboard: false, zIndexOffset: -500 });
}

function script(src) {
  return new Promise((ready, failed) => document.head.append(el("script", { src, load: ready, error: failed })));
}

function style(href) {
  return new Promise((ready, failed) => document.head.append(el("link", { rel: "stylesheet", href, load: ready, error: failed })));
}
