// The names on the ground: districts, street offices, warm-bee streets, landmarks. No name covers
// another.

import { el } from "../page/dom.js";
import { words } from "../page/embedded.js";

const ROOM = 0.15; // of a screen beyond its edge, so that names stand when the map is drawn along
const LINE_PX = 15;
const WIDE_PX = 12; // a Chinese character; a Latin letter takes little more than half
const GAP_PX = 10;
const NAMED_BELOW = 13; // from this zoom on a base map of our own has names

export const latLng = ([lon, lat]) => [lat, lon];

export function label([lon, lat], text, kind) {
  const shape = L.divIcon({
    html: el("span", {}, text),
    className: "word " + kind,
    iconSize: [0, 0],
  });
  return L.marker([lat, lon], {
    icon: shape,
    interactive: false,
    keyboard: false,
    zIndexOffset: -500,
  });
}

const spoken = (name, name_en) => (words.language === "en" && name_en) || name;

// From the most to the least telling; each at the zooms where it says where one is.
function all({ districts, offices, lanes, landmarks }) {
  const spot =
    (kind, from, to) =>
    ([name, name_en, lon, lat, sort]) => ({
      text: spoken(name, name_en),
      lonlat: [lon, lat],
      kind: [kind, sort].join(" "),
      from,
      to,
    });
  return [
    ...districts.map(spot("district", 0, 12)),
    ...lanes.map(([name, name_en, course]) =>
      spot("lane-name", 13, 19)([name, name_en, ...course[course.length >> 1]]),
    ),
    ...offices.map(spot("office", 12, 18)),
    ...landmarks.filter(([, , , , sort]) => sort === "metro").map(spot("landmark", 13, 18)),
    ...landmarks.filter(([, , , , sort]) => sort !== "metro").map(spot("landmark", 14, 18)),
  ];
}

// Draw those that lie in sight and have room, anew after every move. Within `covered`, the bounds of
// a base map with names of its own, that one names what stands there.
export function names(map, earth, drawn, covered) {
  const group = L.layerGroup().addTo(earth);
  const known = all(drawn);
  const show = () => {
    const [zoom, sight, taken] = [map.getZoom(), map.getBounds().pad(ROOM), []];
    group.clearLayers();
    for (const { text, lonlat, kind, from, to } of known) {
      if (zoom < from || zoom > to || !sight.contains(latLng(lonlat))) continue;
      if (zoom >= NAMED_BELOW && /^(office|landmark)/.test(kind) && within(covered, lonlat)) continue;
      const box = room(map.project(latLng(lonlat)), text, kind);
      if (taken.some((other) => meet(other, box))) continue;
      taken.push(box);
      label(lonlat, text, kind).addTo(group);
    }
  };
  map.on("moveend", show);
  earth.on("remove", () => map.off("moveend", show));
  show();
}

const within = (bounds, [lon, lat]) =>
  bounds && lon > bounds[0] && lat > bounds[1] && lon < bounds[2] && lat < bounds[3];

// Whether two boxes overlap.
const meet = (a, b) => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];

// Left, top, right, bottom.
function room({ x, y }, text, kind) {
  const large = kind.startsWith("district") ? 1.5 : 1;
  const half =
    [...text].reduce((sum, letter) => sum + WIDE_PX * (letter > "\u2e80" ? 1 : 0.55), GAP_PX) *
    large *
    0.5;
  return [x - half, y - LINE_PX * 0.6 * large, x + half, y + LINE_PX * 0.6 * large];
}
