// A sheet that a thumb pulls up and down, by its head: three rests, with a thumb's speed. Knows
// nothing of what lies in it.

import { el } from "../page/dom.js";
import { say } from "../page/words.js";

const [PEEK, HALF, FULL] = [0, 1, 2];
const FLING_MS = 160; // its speed carries a sheet on for so long
const STILL_PX = 6; // a finger that moves less has tapped

let sheet = null;
let shut = null;
let rest = HALF;
let held = null;
export const grip = el("button", {
  class: "grip",
  type: "button",
  "aria-controls": "sheet",
  "aria-label": say("More of this place"),
  click: toggle,
  keydown: step,
});

// `close` is called when the sheet is pulled down out of sight.
export function start(element, close) {
  [sheet, shut] = [element, close];
  sheet.addEventListener("pointerdown", take);
  sheet.addEventListener("pointermove", pull);
  for (const end of ["pointerup", "pointercancel"]) sheet.addEventListener(end, drop);
  addEventListener("resize", settle);
}

// Where a sheet comes to rest when it opens; without, its height follows what has come into it. A
// "rest" event tells.
export function settle(at) {
  if (sheet.hidden) return;
  if (at >= PEEK) rest = at;
  if (at === PEEK) sheet.scrollTop = 0;
  sheet.dataset.rest = rest;
  grip.setAttribute("aria-expanded", rest === FULL);
  stand(heights()[rest]);
  sheet.dispatchEvent(new Event("rest"));
}

const stand = (px) => sheet.style.setProperty("--high", px + "px");

// The lowest shows the name, the state and the first way there.
function heights() {
  const first = sheet.querySelector(".apps > *") ?? sheet.querySelector(".about");
  // Measured as the content lies, from its own top, whatever the sheet has been scrolled by.
  const peek =
    first.getBoundingClientRect().bottom - sheet.getBoundingClientRect().top + sheet.scrollTop + 12;
  const half = innerHeight * 0.56;
  return [Math.min(peek, half), half, innerHeight * 0.88];
}

function toggle() {
  if (held?.moved) return;
  settle(rest === HALF ? FULL : HALF);
}

function step(event) {
  const to = rest + ({ ArrowUp: 1, ArrowDown: -1 }[event.key] ?? NaN);
  if (!(to >= PEEK && to <= FULL)) return;
  event.preventDefault();
  settle(to);
}

// Only the head pulls: beneath it a finger scrolls.
function take(event) {
  held = null;
  const head =
    event.target.closest(".grip") ||
    (event.target.closest(".sheet-top") && !event.target.closest("button"));
  if (!head || !event.isPrimary) return;
  // A mouse may leave the sheet; a click stays the grip's.
  event.target.setPointerCapture(event.pointerId);
  held = { y: event.clientY, high: sheet.offsetHeight, moved: false, last: event, speed: 0 };
}

function pull(event) {
  if (!held || !event.isPrimary) return;
  const by = held.y - event.clientY;
  if (!held.moved && Math.abs(by) < STILL_PX) return;
  const passed = Math.max(1, event.timeStamp - held.last.timeStamp);
  // A thumb's speed jumps from event to event: each counts for 40 %, those before it for the rest.
  // Upwards is positive, as the sheet grows upwards, in px a millisecond.
  held.speed = 0.6 * held.speed + (0.4 * (held.last.clientY - event.clientY)) / passed;
  Object.assign(held, { moved: true, last: event });
  sheet.classList.add("held");
  stand(Math.max(0, Math.min(heights()[FULL], held.high + by)));
}

function drop(event) {
  if (!held?.moved) return (held = null);
  sheet.classList.remove("held");
  // Who holds the sheet still before letting go throws nothing.
  const idle = event.timeStamp - held.last.timeStamp > 100;
  const high = sheet.offsetHeight + (idle ? 0 : held.speed * FLING_MS);
  const all = heights();
  setTimeout(() => (held = null)); // after the click that may follow
  // Thrown or pulled below half of the lowest rest, the sheet was meant to go.
  if (high < all[PEEK] / 2) return shut();
  settle(
    all.reduce(
      (best, one, at) => (Math.abs(one - high) < Math.abs(all[best] - high) ? at : best),
      0,
    ),
  );
}
