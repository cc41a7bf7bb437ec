// The base map without a network. Of the whole city the far zooms are kept, which tell nothing of
// where anybody was; tiles around where one was only while the rider has that turned on: that there
// is a cache for them is the switch.

const FAR = "ground-far";
const NEAR = "ground-near";
const FAR_ZOOM = 12;
const MOST_TILES = 100; // of a larger area the far zooms come as they are looked at
const MOST_BYTES = 2e6;

export const isOn = () => caches.has(NEAR);
export const turn = (on) => (on ? caches.open(NEAR) : caches.delete(NEAR));

// Keep the far tiles of a base map, and none of another version.
export async function keepFar(beneath) {
  const wanted = far(beneath);
  if (wanted.length > MOST_TILES) return;
  const cache = await caches.open(FAR);
  const held = new Set();
  for (const request of await cache.keys()) {
    const path = new URL(request.url).pathname;
    if (wanted.includes(path)) held.add(path);
    else await cache.delete(request);
  }
  for (const path of wanted) {
    if (held.has(path)) continue;
    const reply = await fetch(path, { priority: "low" });
    if (reply.ok) await cache.put(path, reply);
  }
}

// Keep a tile that was looked at, if that is turned on: the newest two megabytes of one version.
export async function keepNear(path, reply) {
  if (!self.caches || !(await isOn())) return;
  const cache = await caches.open(NEAR);
  await cache.delete(path); // so that it comes last
  await cache.put(path, reply);
  const version = path.split("/").slice(-4)[0];
  let left = MOST_BYTES;
  for (const request of (await cache.keys()).reverse()) {
    const held = await cache.match(request);
    left -= held ? (await held.blob()).size : 0;
    if (left < 0 || request.url.split("/").slice(-4)[0] !== version) await cache.delete(request);
  }
}

function far({ ground, bounds: [west, south, east, north], zooms: [first] }) {
  const found = [];
  for (let z = first; z <= FAR_ZOOM; z++) {
    const side = 2 ** z;
    const column = (lon) => Math.floor(((lon + 180) / 360) * side);
    const row = (lat) =>
      Math.floor((0.5 - Math.asinh(Math.tan((lat * Math.PI) / 180)) / (2 * Math.PI)) * side);
    for (let x = column(west); x <= column(east); x++)
      for (let y = row(north); y <= row(south); y++) found.push(address(ground, z, x, y));
    if (found.length > MOST_TILES) break;
  }
  return found;
}

export const address = (ground, z, x, y) =>
  ground.replace("{z}", z).replace("{x}", x).replace("{y}", y);
