// What to drop when little or nothing is found: every way on is tried before it is offered, and
// says what it yields.

import { would } from "../ask/cells.js";
import { SETS } from "../ask/question.js";
import { asked, blank, change, without } from "../ask/state.js";
import { act, el } from "../page/dom.js";
import { named, reach, say, time } from "../page/words.js";

const WIDER_M = [2000, 5000, 10_000, 50_000];
const WIDEST_M = WIDER_M[WIDER_M.length - 1];
const MOST = 50;

// Why there is nothing: where the nearest is all the same, how many places the hours alone keep out,
// and when the first of them opens.
export async function why() {
  const told = await Promise.all([nearest(), hours()]);
  return told.filter(Boolean).join(say("; "));
}

// However far it is: who asks for it may know it, or not wish to look on.
async function nearest() {
  const { features } = await would({ reach_m: WIDEST_M, k: 1 });
  const metres = ({ properties }) => properties.distance_m;
  const [first] = features.sort((a, b) => metres(a) - metres(b));
  return (
    first &&
    say("the nearest is {km} km away: {name}", {
      km: (metres(first) / 1000).toFixed(1),
      name: named(first.properties),
    })
  );
}

async function hours() {
  if (asked.open === "any") return say("Nothing here has all you asked for.");
  const { features, more, timeStamp } = await would({
    open: "any",
    include_unknown: true,
    k: MOST,
  });
  if (!features.length) return say("Nothing here has all you asked for.");
  const counts = { n: counted({ features, more }), distance: reach(asked.reach_m) };
  const unknown = features.filter(({ properties }) => properties.open.state === "unknown").length;
  const opens = features
    .map(({ properties }) => properties.open)
    .filter(({ state, until }) => until && /closed|opening/.test(state));
  const first = opens.map(({ until }) => until).sort()[0];
  return [
    says(counts),
    unknown && say("{n} of unknown hours not listed", { n: unknown }),
    first && opening({ n: MOST, time: time(first, timeStamp) }, more),
  ]
    .filter(Boolean)
    .join(say("; "));
}

const opening = (values, more) =>
  more
    ? say("of the nearest {n} the first opens {time}", values)
    : say("first opens {time}", values);

const says = (values) =>
  ({
    now: () =>
      asked.include_unknown
        ? say("{n} within {distance}, all closed", values)
        : say("{n} within {distance}, none known to be open", values),
    at_arrival: () => say("{n} within {distance}, none open when you get there", values),
    "24h": () => say("{n} within {distance}, none known to be open 24 hours", values),
  })[asked.open]();

// What stands beneath a list of `now` places, where there is anything to say.
export async function few(now) {
  const on = await ways(now);
  return (
    on.length &&
    el("div", { class: "say" }, el("h2", {}, say("Too few?")), el("div", { class: "acts" }, ...on))
  );
}

// Ways on that yield more than `now` places, as buttons.
export async function ways(now) {
  const tried = await Promise.all([
    ...steps().map(([text, changes]) => attempt(text, changes)),
    farther(now),
  ]);
  const found = tried.filter((one) => one?.n > now);
  if (found.length) return found.map(way);
  const all = await attempt(say("Drop all filters"), {
    ...blank(),
    open: "any",
    reach_m: WIDEST_M,
  });
  return all.n > now ? [way(all, 0)] : [];
}

const way = ({ text, changes }, at) => act(text, () => change(changes), at ? "" : "main");

// Every filter by itself; sets of which any will do fall as one.
function steps() {
  const each = ["services", "needs"].flatMap((name) =>
    [...asked[name]].map((word) => [SETS[name][word], without(name, word)]),
  );
  const any = ["door", "kinds", "audience"]
    .filter((name) => asked[name].size)
    .map((name) => [labels(name), { [name]: new Set() }]);
  return [
    asked.open !== "any" && [say("Show closed ones, too"), { open: "any" }],
    asked.stay_min && [say("However short the stay"), { stay_min: 0 }],
    !asked.include_unknown && [say("With unknown hours"), { include_unknown: true }],
    asked.register === "no" && [say("Also where one registers first"), { register: "any" }],
    ...[...each, ...any].map(([filter, changes]) => [
      say("Without “{filter}”", { filter }),
      changes,
    ]),
  ].filter(Boolean);
}

const labels = (name) =>
  [...asked[name]]
    .filter((word) => word !== "unknown")
    .map((word) => SETS[name][word])
    .join(say(", "));

// The nearest of the wider circles that holds more.
async function farther(now) {
  for (const reach_m of WIDER_M.filter((metres) => metres > asked.reach_m)) {
    const found = await attempt(say("Look farther: {distance}", { distance: reach(reach_m) }), {
      reach_m,
    });
    if (found.n > now) return found;
  }
}

async function attempt(text, changes) {
  const found = await would(changes);
  return {
    text: text + " · " + say("{n} places", { n: counted(found) }),
    changes,
    n: found.features.length,
  };
}

const counted = ({ features, more }) => features.length + (more ? "+" : "");

// How many the rider's wish to see no unknown ones keeps from a list: "3", "3+" where not all were
// seen, or "".
export async function hidden({ features, more }) {
  const { features: all, more: beyond } = await would({ include_unknown: true, k: MOST });
  const listed = new Set(features.map(({ id }) => id));
  const end = more ? all.findIndex(({ id }) => id === features[features.length - 1].id) : -1;
  const kept = (end < 0 ? all : all.slice(0, end)).filter(({ id }) => !listed.has(id));
  const unsure = beyond && end < 0;
  return kept.length || unsure ? kept.length + (unsure ? "+" : "") : "";
}
