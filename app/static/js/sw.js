// Opens the page without a network: keeps the page and the files it loads, all of one version,
// which `shell` names. Keeps no answer, and no address says more than a language: none of them
// tells where anybody was. Which tiles of the base map are kept, the page decides
// (ask/kept_ground.js).

const CACHE = "shell-" + shell.version;
const PATIENCE_MS = 2500;
const HOME = new URL("./", location).pathname; // all may be mounted under a path

addEventListener("install", (event) => {
  skipWaiting();
  event.waitUntil(fill());
});
addEventListener("activate", (event) => event.waitUntil(sweep()));
addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin || !url.pathname.startsWith(HOME)) return;
  const path = url.pathname.slice(HOME.length);
  const id = /^p\/([^/]+)$/.exec(path);
  if (request.mode === "navigate" && path === "" && !url.searchParams.has("street"))
    event.respondWith(page(event, named(url)));
  if (request.mode === "navigate" && id)
    event.respondWith(either(fetch(request), kept(named(url)), () => sheet(url, id[1])));
  if (/^(static|ground)\//.test(path)) event.respondWith(file(request));
});

// The page in the languages in which it stands open, and in the phone's.
async function fill() {
  const open = await clients.matchAll({ includeUncontrolled: true, type: "window" });
  const pages = new Set([HOME, ...open.map(({ url }) => named(new URL(url)))]);
  await (await caches.open(CACHE)).addAll(shell.files);
  await Promise.all([...pages].map(async (name) => keep(name, await fetch(name))));
}

// What a page's address comes to: filters and a chosen place are the script's business, what else
// an address may say is nobody's.
function named({ searchParams }) {
  const lang = searchParams.get("lang");
  return /^(zh-CN|en)$/.test(lang) ? HOME + "?lang=" + lang : HOME;
}

// A page that loads files of another version would open without them: it is kept by the next
// worker. One that tells of an address (left_out.html) is no page for other addresses.
async function keep(name, reply) {
  const text = reply.ok ? await reply.clone().text() : "";
  if (text.includes(`static/${shell.version}/`) && !text.includes('id="left-out"')) await (await caches.open(CACHE)).put(name, reply);
}

async function sweep() {
  const names = await caches.keys();
  await Promise.all(
    names
      .filter((name) => name.startsWith("shell-") && name !== CACHE)
      .map((name) => caches.delete(name)),
  );
}

function page(event, name) {
  const fresh = fetch(event.request);
  event.waitUntil(fresh.then((reply) => keep(name, reply.clone())).catch(() => {}));
  return either(fresh, kept(name), (shown) => shown);
}

const kept = async (name) =>
  (await caches.match(name, { ignoreVary: true })) || caches.match(HOME, { ignoreVary: true });

// The page of a place is not kept: it would tell who looks where somebody was. Instead the page
// that is kept shows the place, as the pack knows it.
function sheet({ searchParams }, id) {
  searchParams.set("place", decodeURIComponent(id));
  // With an end of its own: what stands behind # on a plate does not go along.
  return Response.redirect(HOME + "?" + searchParams + "#");
}

// From the network, unless that fails or lets one wait; then what is made of the page that is kept.
async function either(fresh, keeping, made) {
  const shell = await keeping;
  if (!shell) return fresh;
  const late = new Promise((ready) => setTimeout(ready, PATIENCE_MS));
  const reply = await Promise.race([fresh.catch(() => {}), late]);
  return reply && reply.status < 500 ? reply : made(shell);
}

// A part that is asked for again (page/lazy.js) is the same under every query.
const file = async (request) =>
  (await caches.match(request, { ignoreSearch: true, ignoreVary: true })) || fetch(request);
