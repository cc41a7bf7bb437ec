// Sends what is said, once only however often it is tried: each thing under an Idempotency-Key that
// was made with it. Where no reply comes, and where the server says to wait, it stays on the phone
// and is sent later.

import { words } from "../page/embedded.js";
import { read, write } from "./shelf.js";
import { say } from "./words.js";

const AGAIN_S = 15; // without a word of when
const LOOK_EVERY_MS = 5000;
const MOST_PROOFS = 3;

let told = null;
const underway = new Set();

// A key that nobody guesses: 128 bits. crypto.randomUUID came with Chromium 92.
export const key = () =>
  [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");

// `sent(thing, reply)` is called when something that had waited has been taken, and
// `refused(thing, why)` when it never will be.
export function start(given) {
  told = given;
  addEventListener("online", () => flush(true));
  setInterval(() => document.hidden || flush(), LOOK_EVERY_MS);
  flush();
}

export const waiting = () => read("waiting", []);
export const drop = (one) => write("waiting", waiting().filter(({ key }) => key !== one));

// Send a thing, { key, path, body }. { taken } is the reply's JSON; { later } is in how many
// seconds it is tried again, by itself, `bidden` where the server said so; { why } is the server's
// reason never to take it.
export async function send(thing) {
  underway.add(thing.key);
  try {
    const answer = await attempt(thing);
    const { later, bidden } = answer;
    if (later) put({ ...thing, after: Date.now() + later * 1000, bidden });
    else drop(thing.key);
    return answer;
  } finally {
    underway.delete(thing.key);
  }
}

function put(thing) {
  const others = waiting().filter(({ key }) => key !== thing.key);
  write("waiting", [...others, thing]);
}

// When the network is back nothing waits but what the server bade to.
async function flush(back = false) {
  for (const thing of waiting()) {
    const early = Date.now() < thing.after && (thing.bidden || !back);
    if (underway.has(thing.key) || early) continue;
    const { taken, why } = await send(thing);
    if (taken) told.sent(thing, taken);
    if (why) told.refused(thing, why);
  }
}

async function attempt({ key, path, body }, proofs = 0) {
  const reply = await post(path, body, key).catch(() => null);
  if (!reply) return { later: AGAIN_S };
  const text = await reply.json().catch(() => null);
  if (reply.ok) return { taken: text ?? {} };
  const { challenge, bits, detail } = text ?? {};
  if (reply.status === 429 && challenge && proofs < MOST_PROOFS) {
    const proof = await prove(challenge, bits);
    if (proof) return attempt({ key, path, body: { ...body, proof } }, proofs + 1);
  }
  if (reply.status === 429 || reply.status >= 500)
    return { later: Number(reply.headers.get("Retry-After")) || AGAIN_S, bidden: true };
  // A ticket that ran out while the phone had no network: what was seen still holds.
  if (reply.status === 400 && body.ticket) {
    const { ticket, ...without } = body;
    return attempt({ key, path, body: without }, proofs);
  }
  return { why: detail ?? say("The server does not take it.") };
}

const post = (path, body, key) =>
  fetch(path, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      "Accept-Language": words.language,
      "Idempotency-Key": key,
    },
    body: JSON.stringify(body),
  });

// Take back what was sent under a key; whether that was heard.
export const withdraw = async (path, key) => {
  const reply = await fetch(path, {
    method: "DELETE",
    headers: { "Idempotency-Key": key },
  }).catch(() => null);
  return Boolean(reply?.ok || reply?.status === 404);
};

function prove(challenge, bits) {
  return new Promise((found) => {
    const worker = new Worker(new URL("./proof.js", import.meta.url));
    const end = (proof) => (worker.terminate(), found(proof));
    worker.onmessage = ({ data }) => end(data);
    worker.onerror = () => end(null);
    worker.postMessage({ challenge, bits });
  });
}
