// What this phone said: its reports, and the receipts of letters that its rider chose to keep. Both
// can be deleted; the server knows neither whose they are.

import { local, now } from "../ask/clock.js";
import { address, asked } from "../ask/state.js";
import { act, el, icon } from "../page/dom.js";
import { words } from "../page/embedded.js";
import { time } from "../page/words.js";
import { drop, waiting, withdraw } from "./send.js";
import { read, write } from "./shelf.js";
import { names } from "./told.js";
import { say } from "./words.js";

const MOST = 50;
const TAKEN_BACK_WITHIN_MS = 600_000;
const STATUS_EVERY_MS = 3600e3;
const LETTERS = "letters"; // written by the letter box's own script (letters.js), too

const reports = () => read("reports", []);
export const letters = () => read(LETTERS, []);

export function add(report) {
  write("reports", [report, ...reports()].slice(0, MOST));
  return report;
}

export const remove = (key) =>
  write("reports", reports().filter((one) => one.key !== key));

export const change = (key, changes) =>
  write("reports", reports().map((one) => (one.key === key ? { ...one, ...changes } : one)));

// Take a report back, from the server or from what waits here; whether that is done.
export async function takeBack(key) {
  const found = reports().find((one) => one.key === key);
  if (!found) return true; // refused: nobody has it
  if (!waiting().some((one) => one.key === key)) {
    const path = "api/v1/reports/" + encodeURIComponent(found.id);
    if (!(await withdraw(path, key))) return false;
  }
  drop(key);
  remove(key);
  return true;
}

// Their part of the drawer. `redraw` draws it anew.
export function reported(redraw) {
  const all = reports();
  const queued = new Set(waiting().map(({ key }) => key));
  const line = ({ key, place, name, type, at, ends }) => {
    const state = queued.has(key)
      ? say("waits for a network")
      : ends > now()
        ? say("shown until {time}", { time: time(local(ends), local(now())) })
        : say("over");
    const may = queued.has(key) || now() - at < TAKEN_BACK_WITHIN_MS;
    return el(
      "li",
      {},
      el(
        "a",
        { href: address({ place }) },
        el("b", { dir: "auto" }, name),
        el("span", {}, `${names()[type]} · ${time(local(at), local(now()))} · ${state}`),
      ),
      may
        ? act(say("Take back"), async () => (await takeBack(key)) && redraw())
        : act(say("Delete"), () => (remove(key), redraw())),
    );
  };
  return [
    el("h3", {}, icon("check"), say("What I reported")),
    all.length
      ? el("ul", { class: "mine" }, ...all.map(line))
      : el("p", {}, say("Nothing yet. Open a place and say how it is now.")),
    all.length > 0 &&
      act(say("Delete this list"), () => (write("reports", []), redraw()), "quiet"),
  ];
}

// Letters by their receipts. Asked for only when this list is opened, and each at most hourly.
export function written(redraw) {
  const all = letters();
  const line = (letter) =>
    el(
      "li",
      {},
      el(
        "a",
        { href: `letters?lang=${words.language}#${letter.code}` },
        el("b", {}, letter.subject),
        el("span", {}, letter.date, letter.news && el("strong", { class: "news" }, say("New answer"))),
      ),
      act(say("Delete"), () => {
        write(LETTERS, letters().filter(({ code }) => code !== letter.code));
        redraw();
      }),
    );
  const list = el("ul", { class: "mine" }, ...all.map(line));
  const due = all.filter((one) => Date.now() - (one.asked ?? 0) > STATUS_EVERY_MS);
  if (due.length) news(due).then((changed) => changed && redraw());
  return [
    el("h3", {}, icon("list"), say("My letters")),
    all.length
      ? list
      : el("p", {}, say("Receipts that you keep on this phone stand here.")),
    el("a", { class: "act", href: `letters?lang=${words.language}${pin()}` }, say("To the letter box")),
  ];
}

// The spot that the rider tapped on the map goes along, behind #: the letter box offers it as a pin.
const pin = () => {
  const { lon, lat, tapped } = asked.point ?? {};
  return tapped ? `#pin=${lon.toFixed(5)},${lat.toFixed(5)}` : "";
};

async function news(due) {
  let changed = false;
  for (const { code } of due) {
    const reply = await fetch("api/v1/letters/status", {
      method: "POST",
      headers: { "Content-Type": "application/json", "Accept-Language": words.language },
      body: JSON.stringify({ receipt: code }),
      cache: "no-store",
    }).catch(() => null);
    if (!reply?.ok) continue;
    const { state, since } = await reply.json();
    const stands = state + since;
    write(
      LETTERS,
      letters().map((one) => {
        if (one.code !== code) return one;
        const isNews = one.stands !== undefined && one.stands !== stands;
        changed = changed || isNews;
        return { ...one, stands, asked: Date.now(), news: one.news || isNews };
      }),
    );
  }
  return changed;
}
