// Search without a network: geodata/text/names.py and matching.py on the phone, over all texts of a
// pack. Orders as geodata/search/lookup.py does without a point.

import { twoRoads } from "./crossing.js";

const MOST = 20;
const MOST_CODES = 31; // the states of a longer query do not fit into 32 bits
const NO_FIT = 255;
const SHORTENED = 4;
const MOST_WORDS = 8;
const MOST_SLIPS = 4;
const ANY_ORDER_FROM = 4;

const isLetter = (code) => code < "\x80";
const bit = (p) => 1 << p;

// What a pack says of writing, ready to be asked: the plain character of each that is written
// otherwise, and the sounds of each character, the first `common` of which are usual.
function reader({ plain, common, rare }) {
  const simple = new Map();
  for (let n = 0; n < plain.length; n += 2) simple.set(plain[n], plain[n + 1]);
  const sounds = new Map();
  for (const letter of "0123456789abcdefghijklmnopqrstuvwxyz")
    sounds.set(letter, { all: [letter], common: 1 });
  for (const [table, isCommon] of [
    [common, 1],
    [rare, 0],
  ])
    for (const sound in table)
      for (const code of table[sound]) {
        if (!sounds.has(code)) sounds.set(code, { all: [], common: 0 });
        sounds.get(code).all.push(sound);
        sounds.get(code).common += isCommon;
      }
  return { simple, sounds, every: new Set([...sounds.values()].flatMap(({ all }) => all)) };
}

// Text as plain characters, "" where one is left out.
const folded = ({ simple }, text) =>
  [...text.normalize("NFKC").toLowerCase()].map((one) => {
    if (!/[\p{L}\p{N}]/u.test(one)) return "";
    const marks = [...one.normalize("NFD")];
    const base = marks.shift();
    return simple.get(one) ?? (marks.every((mark) => /\p{M}/u.test(mark)) ? base : one);
  });

// Words by gaps and by script, as lists of characters.
function wordsOf(codes) {
  const words = [];
  let before = 0;
  for (const code of codes) {
    const kind = code && (isLetter(code) ? 1 : 2);
    if (kind && kind === before) words[words.length - 1].push(code);
    else if (kind) words.push([code]);
    before = kind;
  }
  return words;
}

const weight = (codes) => {
  const letters = codes.filter(isLetter).length;
  return codes.length - letters + Math.ceil(letters / 3);
};

const usual = (heard) => (heard ? heard.all.slice(0, heard.common) : []);

// A query: for each character, and for each sound, the states that it leads on from. State p: the
// first p characters are read.
function prepared({ sounds, every }, codes) {
  const n = codes.length;
  const heard = {};
  for (const sound of every) {
    const found = { full: 0, ends: 0, initial: 0, double: 0, near: [0, 0, 0], size: sound.length };
    for (let p = 0; p < n; p++) {
      let fits = 0;
      while (fits < sound.length && codes[p + fits] === sound[fits]) fits++;
      if (fits === sound.length) found.full |= bit(p);
      else if (p + fits === n && fits > 1) found.ends |= bit(p);
      if (fits > 0) found.initial |= bit(p);
      if (fits > 1 && sound.length > 2 && sound[1] === "h") found.double |= bit(p);
      for (let less = 0; less < 3 && sound.length > 1; less++)
        if (isNear(codes, p, sound.length - 1 + less, sound)) found.near[less] |= bit(p);
    }
    heard[sound] = found;
  }
  const same = new Map();
  let letters = 0;
  codes.forEach((code, p) => {
    same.set(code, same.get(code) | bit(p));
    if (isLetter(code)) letters |= bit(p);
    else if (n > 1) for (const sound of usual(sounds.get(code))) heard[sound].initial |= bit(p);
  });
  // What each character of a text does, worked out once.
  const known = new Map();
  const acts = (code) => {
    if (!known.has(code)) {
      const { all, common } = sounds.get(code) ?? { all: [], common: 0 };
      const hears = all.map((sound) => heard[sound]);
      known.set(code, {
        same: same.get(code) | 0,
        hears,
        common,
        leads: hears.some(({ full, ends, initial, double, near }) => full | ends | initial | double | near[0] | near[1] | near[2]) || same.has(code),
      });
    }
    return known.get(code);
  };
  return { n, goal: bit(n), letters, acts };
}

// Whether `width` letters from p on become a sound by one slip.
function isNear(codes, p, width, sound) {
  if (width < 2 || p + width > codes.length) return false;
  const part = codes.slice(p, p + width);
  const least = Math.min(width, sound.length);
  let [ahead, behind] = [0, 0];
  while (ahead < least && part[ahead] === sound[ahead]) ahead++;
  while (behind < least - ahead && part[width - 1 - behind] === sound[sound.length - 1 - behind])
    behind++;
  return part.every(isLetter) && Math.max(width, sound.length) - ahead - behind === 1;
}

// One character on: the states read in full, those shortened and of them those by a usual reading,
// and whether the query ends within. A rare reading leads on only from the states in `usual`.
function step({ same, hears, common }, full, short, usual) {
  const next = { full: (full & same) << 1, short: (short & same) << 1, fullEnds: 0, shortEnds: 0 };
  next.usual = next.short;
  hears.forEach((sound, at) => {
    const isUsual = at < Math.max(1, common);
    const come = isUsual ? short : usual;
    const states =
      ((come & sound.full) << sound.size) |
      ((come & sound.initial) << 1) |
      ((come & sound.double) << 2);
    next.short |= states;
    next.shortEnds |= come & sound.ends;
    if (isUsual) next.usual |= states;
    if (at >= common) return;
    next.full |= (full & sound.full) << sound.size;
    next.fullEnds |= full & sound.ends;
  });
  return next;
}

// Whether a field is the query (0), begins with it (1) or has it inside (2).
function fromStart({ goal, acts }, field, shortened) {
  let [full, short, usual] = [1, 1, 1];
  for (let at = 0; at < field.length && full | short; at++) {
    const next = step(acts(field[at]), full, short, usual);
    ({ full, short, usual } = next);
    const ends = shortened ? next.shortEnds : next.fullEnds;
    if (ends || (shortened ? short : full) & goal) return at + 1 === field.length && !ends ? 0 : 1;
  }
  return 2;
}

function asTyped(query, fields) {
  let best = NO_FIT;
  fields.forEach((field, number) => {
    if (best <= 2) return;
    let [full, short, usual] = [0, 0, 0];
    for (const code of field) {
      const act = query.acts(code);
      if (!act.leads) {
        full = short = usual = 0;
        continue;
      }
      // Two rare readings side by side are nobody's initials.
      const next = step(act, full | 1, short | 1, usual | 1);
      ({ full, short, usual } = next);
      const inFull = next.fullEnds || full & query.goal;
      if (!inFull && !next.shortEnds && !(short & query.goal)) continue;
      const less = inFull ? 0 : SHORTENED;
      if (best <= 2 + less) continue;
      const found = number < 2 ? fromStart(query, field, !inFull) : 3;
      best = Math.min(best, (number === 1 && found === 2 ? 3 : found) + less);
    }
  });
  return best;
}

function leaveOut(states, letters, most) {
  for (let slips = 0; slips < most; slips++) {
    states[slips + 1] |= (states[slips] & letters) << 1;
    if (slips + 2 <= most) states[slips + 2] |= (states[slips] & ~letters) << 1;
  }
}

function slipped({ hears }, states, letters) {
  let after = 0;
  for (const { size, near } of hears) {
    if (size === 1) after |= (states & letters) << 1;
    near.forEach((one, less) => (after |= (states & one) << (size - 1 + less)));
  }
  return after;
}

// Twice the fewest slips with which a text holds the query, and one where its names do not.
function withSlips({ goal, letters, acts }, fields, begin, most, again) {
  const now = [0, 0, 0, 0, 0];
  const held = [0, 0, 0, 0, 0];
  let best = most + 1;
  let inName = best;
  for (let turn = 0; turn < 1 + again && !(turn && best < 2); turn++)
    fields.forEach((field, number) => {
      let alive = 0;
      for (const code of field) {
        const act = acts(code);
        if (!alive && !act.leads) continue;
        const before = now.map((states, slips) => states | begin[slips]);
        for (let slips = 0; slips <= most; slips++) {
          const come = before[slips] | (slips ? held[slips - 1] : 0);
          const next = step(act, 0, come, come);
          now[slips] = next.short;
          if (slips > 0) now[slips] |= slipped(act, before[slips - 1], letters);
          if (slips > 1) now[slips] |= (before[slips - 2] & ~letters) << 1;
          if (next.shortEnds) best = Math.min(best, slips);
        }
        leaveOut(now, letters, most);
        alive = 0;
        for (let slips = 0; slips <= most; slips++) {
          held[slips] |= now[slips];
          alive |= now[slips];
          if (now[slips] & goal) best = Math.min(best, slips);
        }
      }
      now.fill(0);
      if (!turn && number === 1) inName = best;
    });
  return best > most ? NO_FIT : 2 * best + (inName > best);
}

const texts = new WeakMap();

// All texts of a pack, folded: spots before places, as the server has them.
function read(pack) {
  const by = reader(pack.writing);
  const fold = (text) => folded(by, text || "").filter(Boolean);
  const { name, name_en, address } = pack.properties;
  const at = (column, row) => (column.rows ? column.values[column.rows[row] ?? 0] : column[row]);
  const where = (row) => {
    const written = address[row] || "";
    const areas = [at(pack.properties.district, row), at(pack.properties.street, row)];
    return [written, ...areas.filter((area) => area && !written.includes(area))].join(" ");
  };
  const rows = [
    ...pack.spots.map(({ name, name_en, district, sort }) =>
      // A junction is the whereabouts of both its roads: one of them finds places first.
      sort === "junction"
        ? ["", "", [name, ...name.split("/").reverse(), name_en].join(" ")]
        : [name, name_en, district],
    ),
    ...pack.ids.map((_, row) => [name[row], name_en[row], where(row)]),
  ].map((fields) => fields.map(fold));
  return { by, rows };
}

// Rows of texts with how well each fits, in the best way that anything does.
function fit({ by, rows }, typed) {
  const words = wordsOf(folded(by, typed));
  const whole = words.flat().slice(0, MOST_CODES);
  if (!whole.length) return [];
  const inOnePiece = (codes) => {
    const query = prepared(by, codes);
    const fits = rows.map((fields) => asTyped(query, fields));
    const least = Math.min(...new Set(fits)) < SHORTENED ? 0 : SHORTENED;
    const found = fits.map((fit) => (fit >= least && fit < least + SHORTENED ? fit - least : NO_FIT));
    return found.some((fit) => fit < NO_FIT) && found;
  };
  const apart = (words) => {
    if (words.length < 2 || words.length > MOST_WORDS) return null;
    const found = words.map((word) => inOnePiece(word.slice(0, MOST_CODES)));
    if (!found.every(Boolean)) return null;
    const worst = rows.map((_, row) => Math.max(...found.map((fits) => fits[row])));
    return worst.some((fit) => fit < NO_FIT) && worst;
  };
  const toneless = folded(by, typed.toLowerCase().replace(/([a-z])[1-5](?![0-9])/g, "$1")).filter(
    Boolean,
  );
  const ways = twoRoads(typed)
    .map((way) => way.map((road) => wordsOf(folded(by, road))))
    .filter((way) => way.every((road) => road.length))
    .map((way) => way.flat());
  const joined = ways.map((way) => way.flat().slice(0, MOST_CODES));
  const first = (tried, look) => tried.reduce((found, one) => found || look(one), null);
  const sought = joined[0] || whole;
  return (
    first(
      joined.filter((_, way) => ways[way].flat().length < words.flat().length),
      inOnePiece,
    ) ||
    inOnePiece(whole) ||
    (toneless.length && toneless.length < whole.length && inOnePiece(toneless)) ||
    first([words, ...ways], apart) ||
    like(prepared(by, sought), sought, rows)
  );
}

function like(query, whole, rows) {
  const heavy = weight(whole);
  let most = heavy < 2 ? 0 : heavy === 2 ? 1 : Math.min(MOST_SLIPS, (heavy + 1) >> 1);
  if (!most) return rows.map(() => NO_FIT);
  const begin = [1, 0, 0, 0, 0];
  leaveOut(begin, query.letters, most);
  const fits = rows.map((fields) => {
    const fit = withSlips(query, fields, begin, most, Number(heavy >= ANY_ORDER_FROM));
    if (fit < NO_FIT) most = fit >> 1;
    return fit;
  });
  const least = Math.min(...new Set(fits)) | 1;
  return fits.map((fit) => (fit <= least ? fit : NO_FIT));
}

// The rows that fit, the best first: spots, and from `pack.spots.length` on places.
export function find(pack, typed) {
  if (!texts.has(pack)) texts.set(pack, read(pack));
  const known = texts.get(pack);
  const spots = pack.spots.length;
  const long = (row) => known.rows[row].flat().length;
  const order = (row) => (row < spots ? row - spots : pack.order[row - spots]);
  const fits = fit(known, typed);
  return [...fits.keys()]
    .filter((row) => fits[row] < NO_FIT)
    .sort(
      (a, b) =>
        fits[a] - fits[b] || long(a) - long(b) || order(a) - order(b) || a - b,
    )
    .slice(0, MOST);
}
