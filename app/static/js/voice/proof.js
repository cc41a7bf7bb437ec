// A worker that finds the proof of work which a report of a place of which much is said costs: a
// nonce that gives SHA-256 of "challenge:nonce" as many zero bits in front. Written out, because a
// phone awaits a million of crypto.subtle's digests for ten times as long. Sends nothing.

const K = new Uint32Array(64);
const START = new Uint32Array(8);
const SIDE = 2 ** 32;

// The first 32 bits of the fractions of square and cube roots of the first primes (FIPS 180-4,
// 4.2.2 and 5.3.3).
const part = (root) => ((root % 1) * SIDE) | 0;
for (let n = 2, found = 0; found < 64; n++) {
  let prime = true;
  for (let d = 2; d * d <= n; d++) prime = prime && n % d !== 0;
  if (!prime) continue;
  if (found < 8) START[found] = part(n ** (1 / 2));
  K[found++] = part(n ** (1 / 3));
}

const turn = (word, by) => (word >>> by) | (word << (32 - by));
const words = new Uint32Array(64);

// The first 32 bits of the digest of one block, of which `words` holds the first 16.
function digest() {
  for (let n = 16; n < 64; n++) {
    const [far, near] = [words[n - 15], words[n - 2]];
    words[n] =
      words[n - 16] +
      (turn(far, 7) ^ turn(far, 18) ^ (far >>> 3)) +
      words[n - 7] +
      (turn(near, 17) ^ turn(near, 19) ^ (near >>> 10));
  }
  let [a, b, c, d, e, f, g, h] = START;
  for (let n = 0; n < 64; n++) {
    const one =
      (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + K[n] + words[n]) | 0;
    const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + one) | 0;
    d = c;
    c = b;
    b = a;
    a = (one + two) | 0;
  }
  return (START[0] + a) >>> 0;
}

// "challenge:nonce" is ASCII and, as the server makes challenges, fits one block of 55 bytes.
function solved(challenge, bits) {
  for (let nonce = 0; ; nonce++) {
    const text = challenge + ":" + nonce;
    if (text.length > 55) return null;
    const block = new DataView(new ArrayBuffer(64));
    for (let at = 0; at < text.length; at++) block.setUint8(at, text.charCodeAt(at));
    block.setUint8(text.length, 0x80);
    block.setUint32(60, text.length * 8);
    for (let at = 0; at < 16; at++) words[at] = block.getUint32(at * 4);
    if (digest() >>> (32 - bits) === 0) return text;
  }
}

addEventListener("message", ({ data: { challenge, bits } }) =>
  postMessage(solved(challenge, bits)),
);
