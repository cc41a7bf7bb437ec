// Whom to call, what takes place, what one is entitled to: one tap from the page, by need and
// district, and without a network as it was kept last.

import { local, now } from "../ask/clock.js";
import { HEADERS } from "../ask/question.js";
import { act, el, icon, replaceChildren } from "../page/dom.js";
import * as drawer from "./drawer.js";
import { words } from "../page/embedded.js";
import { time } from "../page/words.js";
import { dialled, way } from "../place/navigate.js";
import * as mine from "./mine.js";
import { read, write } from "./shelf.js";
import { help, say } from "./words.js";

const SORTS = ["contacts", "events", "benefits"];
let chosen = { tab: "contacts", need: "", district: "" };

const titles = () => ({
  contacts: say("Contacts"),
  events: say("Events"),
  benefits: say("Benefits"),
  mine: say("Mine"),
});

// What is kept, and in its place what the server has now: the revision tells whether they differ.
async function fetched() {
  const ask = (path) => fetch(path, { headers: HEADERS, cache: "no-cache" }).then((reply) => (reply.ok ? reply.json() : null));
  const { revision } = (await ask("api/v1/contacts").catch(() => null)) ?? {};
  const kept = read("directory", null);
  if (!revision || kept?.revision === revision) return kept;
  const fresh = await ask(`api/v1/directory/${revision}.json`).catch(() => null);
  if (!fresh) return kept;
  write("directory", { ...fresh, revision });
  return read("directory", null);
}

export async function open() {
  const parts = el("div", { class: "directory" });
  const draw = (directory) => replaceChildren(parts, tabs(draw, directory), ...body(draw, directory));
  draw(read("directory", null));
  drawer.open(say("Directory and mine"), parts);
  draw(await fetched());
}

const tabs = (draw, directory) =>
  el(
    "div",
    { class: "tabs", role: "group", "aria-label": say("Directory and mine") },
    ...[...SORTS, "mine"].map((tab) =>
      el(
        "button",
        {
          class: "chip",
          type: "button",
          "aria-pressed": String(tab === chosen.tab),
          click: () => ((chosen.tab = tab), draw(directory)),
        },
        titles()[tab],
        tab === "mine" && mine.letters().some(({ news }) => news) && el("b", { class: "dot" }),
      ),
    ),
  );

function body(draw, directory) {
  const { tab } = chosen;
  const again = () => draw(directory);
  if (tab === "mine") return [...mine.reported(again), ...mine.written(again)];
  const all = directory?.[tab];
  if (!all) return [el("p", {}, say("The network does not answer, and nothing is kept on this phone yet."))];
  const found = all.filter(
    ({ needs = [], district = "" }) =>
      (!chosen.need || needs.includes(chosen.need)) &&
      (!chosen.district || !district || district === chosen.district),
  );
  const own = `/${tab}?lang=${words.language}`;
  return [
    el(
      "div",
      { class: "sift" },
      pick("need", say("For what"), all.flatMap(({ needs = [] }) => needs), again),
      pick("district", say("District"), all.map(({ district }) => district), again),
    ),
    found.length
      ? el("ul", { class: "entries" }, ...found.map((one) => ENTRY[tab](one)))
      : el("p", {}, say("Nothing of this kind is listed.")),
    el("a", { class: "act", href: own }, icon("list"), say("The whole page")),
  ];
}

// A choice among the words that occur.
function pick(name, label, values, again) {
  const each = [...new Set(values)].filter(Boolean);
  if (!each.length) return null;
  const select = el(
    "select",
    { "aria-label": label, change: () => ((chosen[name] = select.value), again()) },
    ...["", ...each].map((value) =>
      el("option", { value, selected: value === chosen[name] }, value ? help(value) : label),
    ),
  );
  return el("label", { class: "chip" }, select);
}

const line = (...texts) => texts.filter(Boolean).join(" · ");
const clock = (instant) => time(local(Date.parse(instant)), local(now()));

function entry(name, facts, { number, note, url }) {
  const phone = number && dialled(number);
  return el(
    "li",
    {},
    el("b", { dir: "auto" }, name),
    facts && el("span", { dir: "auto" }, facts),
    note && el("span", { dir: "auto" }, note),
    number && (phone ? way(phone, { class: "act" }, icon("phone"), number) : el("span", {}, number)),
    /^https:/.test(url ?? "") && way(url, { class: "out" }, new URL(url).hostname),
  );
}

const ENTRY = {
  contacts: (one) => entry(one.name, line(one.hours, one.area, one.district), one),
  events: (one) =>
    entry(one.name, line(clock(one.start), one.where, one.district, one.who, one.host), one),
  benefits: (one) =>
    entry(
      one.name,
      line(one.who, one.where, one.district, one.until && say("until {date}", { date: one.until })),
      one,
    ),
};

// The way in: a button beside who one is, and a word when a letter has an answer.
export function door() {
  const button = act(say("Directory"), open, "", "phone");
  button.className = "chip yellow-pages";
  button.setAttribute("aria-haspopup", "dialog");
  return button;
}
