// The map: outlines, the point asked about, the places found. Loaded after the list; draws what
// others decide.

import { areas, mainRoads, middle } from "../ask/api.js";
import { onRenew } from "../ask/state.js";
import { breath, byId, el, frame, icon, WIDE } from "../page/dom.js";
import { embedded } from "../page/embedded.js";
import { distance, named, say } from "../page/words.js";
import { lay } from "./basemap.js";
import { arrange, homeward, insets } from "./free.js";
import { label, latLng, names } from "./labels.js";
import { follow, pin } from "./markers.js";

const NEAR_ZOOM = 15;
const DEGREE_M = 111_320; // of latitude; the rings' labels need no more
const RINGS_M = [250, 500, 1000, 2000, 5000];
const CORNERS = 90; // of a circle
const MARGIN_PX = 24;
const SEEN = 5; // of the list, that the map opens on
const MOVED = 0.3; // of the screen: another part of the city
const SETTLED_MS = 120;
const described = embedded("map-described");

export let map = null; // others may lay something over it, once it is there
let hits = null; // the layer with the places of the list
let me = null; // the layer with the point asked about
let mine = null; // that point, as Leaflet takes it
let chosen = null; // the marker of the place in the sheet
let lit = null; // the marker of the card that is looked at
let tapped = null; // what is called when a place is tapped
let numbered = new Map(); // the markers of the list by their place's id
let filled = false; // tiles are asked for once the map has been seen
let unseen = null; // what to show when it comes into sight
let looked = null; // the middle of what was last shown on purpose
let shown = null; // where the place in the sheet lies
let led = null; // the way to it: its id and its layers
let elsewhere = null; // the button that offers to look here
let toMe = null; // draws the arrow to the point asked about
let earth = null; // the layer with outlines and names

// Load Leaflet and draw, about a point if there is one. `pick({ lon, lat, tapped })`: the rider
// tapped the ground; `choose(id, spot, feature?)`: a place; `search(lon, lat)`: the rider wants what
// is about here.
export async function start({ point, pick, choose, search }) {
  await Promise.all([...described.styles.map(style), ...described.scripts.map(script)]);
  await breath();
  map = L.map("map", {
    ...described.options,
    center: described.center,
    ...(point && { center: [point.lat, point.lon], zoom: NEAR_ZOOM }),
    zoomControl: false,
    attributionControl: false,
  });
  map
    .getContainer()
    .after(
      el(
        "div",
        { class: "zoom" },
        zoom("in", 1, "+", say("Zoom in")),
        zoom("out", -1, "−", say("Zoom out")),
      ),
    );
  map.on("click", ({ latlng }) => {
    const [lon, lat] = degrees(latlng);
    pick({ lon, lat, tapped: true });
  });
  tapped = choose;
  if (described.beneath?.ground) layGround();
  else if (described.beneath) lay(map, described.beneath);
  hits = L.layerGroup().addTo(map);
  me = L.layerGroup().addTo(map);
  offer(search);
  arrange(map);
  toMe = homeward(
    map,
    () => mine,
    () => centre(mine),
  );
  accompany(byId("list"));
  byId("sheet").addEventListener(
    "rest",
    () => shown && map.getSize().x && !inSight(shown) && centre(shown),
  );
  map.createPane("ground").style.zIndex = 150; // beneath all else, a base map's tiles too
  await frame(); // so that what is measured has been laid out
  resize();
  onRenew(redraw);
  frame().then(redraw); // the places first: outlines share their line
}

// Without it outlines and names stand alone.
const layGround = () =>
  import("./ground.js").then(({ lay }) => lay(map, described.beneath)).catch(() => {});

const zoom = (name, by, sign, label) =>
  el(
    "button",
    {
      class: "leaflet-control-zoom-" + name,
      type: "button",
      "aria-label": label,
      click: () => map.zoomIn(by),
    },
    sign,
  );

const degrees = ({ lng, lat }) => [lng, lat].map((one) => Math.round(one * 1e6) / 1e6);

// The map has come into sight, or changed its size. Unseen it asks for no tiles.
export function resize() {
  map.invalidateSize({ animate: false });
  if (!map.getSize().x) return;
  map.getContainer().parentNode.style.setProperty("--head", free().top + "px");
  if (!filled) follow(map, tapped, (id) => numbered.has(id));
  filled = true;
  if (unseen) fit(unseen);
  unseen = null;
}

// The places of the list, numbered as there. `look`: bring them all into sight.
export function draw(features, look) {
  if (!map) return;
  // Drawn anew each time: ten pins cost less than finding out which of them may stay.
  hits.clearLayers();
  numbered = new Map();
  features.forEach((feature, at) => {
    if (feature.geometry.type === "LineString")
      L.polyline(feature.geometry.coordinates.map(latLng), {
        className: "street",
        interactive: false,
      }).addTo(hits);
    const spot = feature.properties.nearest_point || middle(feature.geometry);
    const look = feature.properties.open?.state === "unknown" ? "hit unsure" : "hit";
    const title = at + 1 + " " + named(feature.properties);
    const open = () => tapped(feature.id, spot, feature);
    const marker = pin(spot, look, 34, String(at + 1), title, open).addTo(hits);
    numbered.set(feature.id, marker);
  });
  // Tiles leave out what the list shows: they must know that it has changed (markers.js).
  map.fire("hits");
  if (look && features.length)
    sight([...numbered.values()].slice(0, SEEN).map((marker) => marker.getLatLng()));
}

// Bring these into sight, and the rider with them; an unseen map has no size to fit them in, so it
// waits.
function sight(spots) {
  const bounds = L.latLngBounds(mine ? [...spots, mine] : spots);
  if (map.getSize().x) fit(bounds);
  else unseen = bounds;
}

const free = () => insets(map.getContainer());

function fit(bounds) {
  const { top, right, bottom, left } = free();
  map.fitBounds(bounds, {
    paddingTopLeft: [MARGIN_PX + left, MARGIN_PX + top],
    paddingBottomRight: [MARGIN_PX + right, MARGIN_PX + bottom],
    maxZoom: led ? 18 : 16,
    animate: false,
  });
  settle();
}

// Show a spot in the middle of what is free.
function centre(spot) {
  const zoom = Math.max(map.getZoom(), NEAR_ZOOM);
  const { top, right, bottom, left } = free();
  const middle = map.project(spot, zoom).add([(right - left) / 2, (bottom - top) / 2]);
  map.setView(map.unproject(middle, zoom), zoom, { animate: false });
  settle();
}

// The point asked about, and how sure the phone is of it.
export function here(point, look) {
  if (!map || !point) return;
  me.clearLayers();
  mine = [point.lat, point.lon];
  if (!described.beneath) rings(point);
  if (point.accuracy_m > 15) circle(point, point.accuracy_m, { className: "reach" });
  const shape = { html: "", className: "me", iconSize: [20, 20] };
  L.marker(mine, { icon: L.divIcon(shape), interactive: false, keyboard: false }).addTo(me);
  if (look) centre(mine);
  else settle();
  toMe();
}

// Drawn as a polygon, which Leaflet draws anyway.
function circle({ lon, lat }, radius, look) {
  const rim = [...Array(CORNERS).keys()].map((n) => {
    const turn = (2 * Math.PI * n) / CORNERS;
    const [north, east] = [Math.cos(turn), Math.sin(turn) / Math.cos((lat * Math.PI) / 180)];
    return [lat + (radius / DEGREE_M) * north, lon + (radius / DEGREE_M) * east];
  });
  L.polygon(rim, { ...look, interactive: false }).addTo(me);
}

// How far is far: without streets to go by, circles tell it.
function rings({ lon, lat }) {
  for (const radius of RINGS_M) {
    circle({ lon, lat }, radius, { className: "ring", fill: false });
    label([lon, lat + radius / DEGREE_M], distance(radius), "far-off").addTo(me);
  }
}

// Bring a place into sight, above the sheet, and make it stand out.
export function choose(id, spot) {
  if (!map) return;
  chosen = stand(chosen, numbered.get(id), "chosen");
  shown = spot && latLng(spot);
  if (led?.id !== id) led = led?.layers.remove() && null;
  if (led) sight(led.ends);
  else if (shown && map.getSize().x) centre(shown);
}

// Draw the way to the place chosen over the roads, [lon, lat]; what lies beside them, from the
// rider and to the place, dashed.
export function lead(id, course, spot) {
  shown = latLng(spot);
  const way = course.map(latLng);
  const look = (className) => ({ className, interactive: false });
  const off = [
    [mine, way[0]],
    [way[way.length - 1], shown],
  ].map((leg) => L.polyline(leg, look("way off")));
  led?.layers.remove();
  led = {
    id,
    ends: [shown, ...way],
    layers: L.layerGroup([
      L.polyline(way, look("way edge")),
      L.polyline(way, look("way")),
      ...off,
    ]).addTo(map),
  };
  sight(led.ends);
}

// One marker at a time has this look.
function stand(before, marker, look) {
  before?.getElement()?.classList.remove(look);
  marker?.getElement()?.classList.add(look);
  map.fire("chosen");
  return marker;
}

// The marker of the card that the rider points at, has the focus on, or has drawn into the middle
// of the strip.
function accompany(list) {
  const light = (id) => (lit = stand(lit, numbered.get(id), "lit"));
  for (const type of ["pointerover", "focusin"])
    list.addEventListener(type, ({ target }) => light(target.closest("[data-id]")?.dataset.id));
  for (const type of ["pointerleave", "focusout"]) list.addEventListener(type, () => light(null));
  let soon = 0;
  list.addEventListener("scroll", () => {
    clearTimeout(soon);
    soon = setTimeout(() => {
      const middle = list.scrollLeft + list.clientWidth / 2;
      const off = (card) => Math.abs(card.offsetLeft + card.offsetWidth / 2 - middle);
      const [card] = [...list.children].sort((a, b) => off(a) - off(b));
      light(card?.dataset.id);
      if (lit && !shown && !inSight(lit.getLatLng())) centre(lit.getLatLng());
    }, SETTLED_MS);
  });
}

function inSight(spot) {
  const { x, y } = map.latLngToContainerPoint(spot);
  const [size, { top, right, bottom, left }] = [map.getSize(), free()];
  return x > left && x < size.x - right && y > top && y < size.y - bottom;
}

function about() {
  const [size, { top, right, bottom, left }] = [map.getSize(), free()];
  return map.containerPointToLatLng([
    (size.x + left - right) / 2,
    (size.y + top - bottom) / 2,
  ]);
}

// The map shows what was asked for: nothing to offer.
function settle() {
  looked = about();
  elsewhere.hidden = true;
}

// Moved far enough by hand, the map offers to look there.
function offer(search) {
  const click = () => (settle(), search(...degrees(looked)));
  elsewhere = el(
    "button",
    { class: "elsewhere", type: "button", hidden: true, click },
    icon("search"),
    say("Search this area"),
  );
  map.getContainer().after(elsewhere);
  looked = about();
  map.on("dragend", () => {
    const size = map.getSize();
    const by = map.latLngToContainerPoint(about()).distanceTo(map.latLngToContainerPoint(looked));
    elsewhere.hidden = by < MOVED * Math.min(size.x, size.y);
  });
}

// Without outlines the places still stand where they are.
const redraw = () => ground().catch(() => {});

async function ground() {
  const drawn = { lanes: [], ...(await areas()) };
  earth?.remove();
  earth = L.layerGroup().addTo(map);
  const still = { interactive: false, pane: "ground" };
  L.polygon(
    drawn.rings.map((ring) => [ring.map(latLng)]),
    { ...still, className: "area", fillOpacity: 1 },
  ).addTo(earth);
  L.polyline(
    drawn.borders.map((edge) => edge.map(latLng)),
    { ...still, className: "border" },
  ).addTo(earth);
  L.polyline(
    drawn.lanes.map(([, , course]) => course.map(latLng)),
    { interactive: false, className: "lane" },
  ).addTo(earth);
  names(map, earth, drawn, described.beneath?.bounds);
  if (described.beneath) return;
  const roads = (await mainRoads()).map((course) => course.map(latLng));
  L.polyline(roads, { ...still, className: "main-road" }).addTo(earth);
}

function script(src) {
  return new Promise((ready, failed) =>
    document.head.append(el("script", { src, load: ready, error: failed })),
  );
}

function style(href) {
  return new Promise((ready, failed) =>
    document.head.append(el("link", { rel: "stylesheet", href, load: ready, error: failed })),
  );
}
