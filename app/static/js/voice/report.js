// The sheet's row of taps: one says how a place is now, and takes it back within ten seconds. It
// goes out at once, with the right to withdraw it: others see it while the phone is in the pocket
// again.

import { local, now } from "../ask/clock.js";
import { asked } from "../ask/state.js";
import { act, byId, el, replaceChildren } from "../page/dom.js";
import * as drawer from "./drawer.js";
import { time } from "../page/words.js";
import * as mine from "./mine.js";
import { ticketOf } from "./plate.js";
import { ask, counts, of } from "./said.js";
import { key, send } from "./send.js";
import { names, told, verdict } from "./told.js";
import { say } from "./words.js";

const UNDO_S = 10;

// The taps of the row, those behind 其他, and those that change no answer.
const ROW = ["open", "closed", "full", "no_water", "no_entry"];
const MORE = ["no_power", "all_right", "moved", "wrong_hours", "gone"];
const TO_INBOX = ["moved", "wrong_hours", "gone", "other"];

let shown = null; // { id, name, said }: the place in the sheet, and where is told what becomes of it

// Whenever another place stands in the sheet, the row stands in it, too.
export function watch() {
  const sheet = byId("sheet");
  const put = () => {
    const { place: id } = asked;
    const name = byId("sheet-name");
    if (sheet.hidden || !id || !name || sheet.querySelector(".how-now")) return renew();
    shown = { id, name: name.textContent, said: el("div", { role: "status", class: "becomes" }) };
    sheet.querySelector(".about").after(el("ul", { class: "others-say" }));
    sheet.querySelector(".apps").after(section());
    renew();
  };
  new MutationObserver(put).observe(sheet, { childList: true });
  sheet.addEventListener("rest", put);
  put();
  return renew;
}

function section() {
  const tap = (type) =>
    el("button", { type: "button", "data-type": type, click: () => speak(type) }, names()[type]);
  return el(
    "section",
    { class: "how-now", "aria-labelledby": "how-now" },
    el("h3", { id: "how-now" }, say("How is it now?"), el("span", { class: "there" })),
    el(
      "div",
      { class: "taps", role: "group", "aria-labelledby": "how-now" },
      ...ROW.map(tap),
      el("button", { type: "button", "aria-haspopup": "dialog", click: more }, say("Other")),
    ),
    shown.said,
  );
}

// What others say, and whether the phone has scanned the plate at the door.
export function renew() {
  const sheet = byId("sheet");
  const made = sheet.querySelector(".others-say");
  if (!made || !shown) return;
  const all = of(shown.id);
  const lines = all.map((one) => {
    const [look, text] = told(one);
    return el("li", { class: "riders " + look }, text);
  });
  replaceChildren(made, ...lines);
  if (all.length) verdict(sheet, all[0]);
  sheet.querySelector(".there").textContent = ticketOf(shown.id) ? say("You are here") : "";
}

function more() {
  const note = el("textarea", { id: "note", rows: "3", maxlength: "500" });
  const also = () => note.value.trim() && { note: note.value.trim() };
  const take = (type) => () => (drawer.close(), speak(type, also()));
  drawer.open(
    say("What else is so?"),
    el("p", {}, shown.name),
    el("label", { class: "noted" }, say("A few words, if you like"), note),
    el(
      "p",
      {},
      say("Read by those who keep the list, and by nobody else. No names, no numbers, please."),
    ),
    el(
      "div",
      { class: "choices" },
      ...MORE.map((type) => act(names()[type], take(type))),
      act(say("Send the words alone"), () => (also() ? take("other")() : note.focus()), "main"),
    ),
  );
}

async function speak(type, more = {}) {
  const { id, name, said } = shown;
  const ticket = ticketOf(id);
  const at = now();
  const thing = {
    key: key(),
    path: `api/v1/places/${encodeURIComponent(id)}/reports`,
    body: { type, seen_at: new Date(at).toISOString(), ...more, ...(ticket && { ticket }) },
  };
  const kept = mine.add({ key: thing.key, place: id, name, type, at });
  const going = send(thing);
  let undone = false;
  const undo = act(say("Undo"), async () => {
    undone = true;
    await takeBack(said, thing.key, going);
  }, "undo");
  let left = UNDO_S;
  const count = el("small", { "aria-hidden": "true" }, `${left} s`);
  undo.append(count);
  const tick = setInterval(() => {
    count.textContent = `${--left} s`;
    if (left > 0) return;
    clearInterval(tick);
    undo.remove();
  }, 1000);
  const tell = (text, look = "") => {
    if (undone) return clearInterval(tick);
    replaceChildren(said, el("p", { class: look }, text), ...(left > 0 ? [undo] : []));
    said.scrollIntoView({ block: "nearest" });
  };
  tell(say("You say: {what}", { what: names()[type] }));
  const answer = await going;
  if (answer.taken) {
    mine.change(kept.key, { id: answer.taken.id, ends: Date.parse(answer.taken.expires) });
    await ask(); // who else says so, by the server's count: two of one network are one
    tell(thanks(answer.taken), "thanked");
    said.scrollIntoView({ block: "nearest" }); // what others say stands above it
  } else if (answer.later) {
    tell(
      navigator.onLine
        ? say("Thank you. It is kept on this phone and sent in {n} s, by itself.", { n: answer.later })
        : say("Thank you. No network: it is kept on this phone and sent as soon as there is one."),
      "waits",
    );
  } else {
    clearInterval(tick);
    left = 0;
    mine.remove(kept.key);
    tell(answer.why, "refused");
  }
}

// What it changes, and until when.
function thanks({ place, type, expires, present }) {
  const until = { time: time(local(Date.parse(expires)), local(now())) };
  if (TO_INBOX.includes(type))
    return say("Thank you. Those who keep the list will read it; nothing changes until then.");
  if (type === "all_right")
    return present
      ? say("Thank you. It now counts as checked today.")
      : say("Thank you. What was said against it now ends sooner.");
  return of(place).some((one) => one.type === type && counts(one))
    ? say("Thank you. The list goes by it until {time}.", until)
    : say("Thank you. It is shown until {time}; when one more says so, the list goes by it.", until);
}

async function takeBack(said, name, going) {
  replaceChildren(said, el("p", {}, say("Taking it back…")));
  await going;
  const done = await mine.takeBack(name);
  replaceChildren(
    said,
    el("p", {}, done ? say("Taken back. Nobody sees it any more.") : say("It could not be taken back: no network.")),
  );
  ask();
}
