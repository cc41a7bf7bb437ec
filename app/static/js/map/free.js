// What of the map lies free of all that stands on it; pins and names that keep out of each other's
// way, and the way back to where one is. Draws nothing of its own but that.

import { byId, el, icon, WIDE } from "../page/dom.js";
import { distance, say } from "../page/words.js";

const ROW_PX = 56; // the buttons at the foot of a map that fills the screen
const CREDIT_PX = 24;
const APART_PX = 32; // pins nearer to each other than this are one, with how many it stands for
const REST_MS = 60; // pins come one after another
const CHROME = ".search, .chips > #more-filters, #status, .flip, .zoom, .elsewhere, .homeward, .card, .sheet, .banner";

// How far the free part begins from each edge of the map, px.
export function insets(home) {
  const map = home.getBoundingClientRect();
  const sheet = byId("sheet");
  const beside = sheet.hidden ? 0 : sheet.getBoundingClientRect().right - map.left;
  if (WIDE.matches) return { top: 0, right: ROW_PX, bottom: CREDIT_PX, left: Math.max(0, beside) };
  const strip = Math.max(0, map.bottom - byId("list").getBoundingClientRect().top) + ROW_PX;
  return {
    top: Math.max(0, byId("search").getBoundingClientRect().bottom - map.top),
    right: 0,
    bottom: sheet.hidden ? strip : parseFloat(sheet.style.getPropertyValue("--high")),
    left: 0,
  };
}

const meet = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
const RANKS = ["chosen", "lit", "hit", "many"];
const rank = ({ classList }) => (RANKS.findIndex((one) => classList.contains(one)) + 9) % 9;

// Keep pins apart, and from under what stands on the map; names from under pins. A pin says how many
// others it stands for, and a tap leads from one to the next (markers.js).
export function arrange(map) {
  let soon = 0;
  const later = () => {
    clearTimeout(soon);
    soon = setTimeout(settle, REST_MS);
  };
  const settle = () => {
    const boxed = (elements) =>
      [...elements].map((one) => ({
        one,
        box: (one.firstElementChild || one).getBoundingClientRect(),
      }));
    const standing = boxed(map.getPane("markerPane").children);
    const chrome = boxed(document.querySelectorAll(CHROME)).map(({ one }) =>
      one.getBoundingClientRect(),
    );
    const kept = [];
    const pins = standing.filter(({ one }) => one.classList.contains("pin"));
    for (const pin of pins.sort((a, b) => rank(a.one) - rank(b.one))) {
      const { one, box } = pin;
      const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
      const near = kept.find((other) => Math.hypot(other.x - x, other.y - y) < APART_PX);
      const free = !near && !chrome.some((other) => meet(box, other));
      Object.assign(pin, { x, y, held: [pin], free });
      if (near) near.held.push(pin);
      else if (free) kept.push(pin);
    }
    for (const { one, free, held } of pins) {
      one.style.visibility = free ? "" : "hidden";
      one.held = standing.filter((pin) => held.includes(pin)).map((pin) => pin.one);
      if (free && held.length > 1) one.dataset.more = "+" + (held.length - 1);
      else delete one.dataset.more;
    }
    for (const { one, box } of standing.filter(({ one }) => one.classList.contains("word")))
      one.style.visibility = [...chrome, ...kept.map((pin) => pin.box)].some((other) =>
        meet(box, other),
      )
        ? "hidden"
        : "";
  };
  new MutationObserver(later).observe(map.getPane("markerPane"), { childList: true });
  map.on("moveend zoomend resize chosen", later);
}

// Where one is lies out of sight: an arrow at the edge that says how far, and leads there.
export function homeward(map, spot, go) {
  const arrow = el("b", {}, "↑");
  const far = el("span");
  const button = el(
    "button",
    { class: "homeward", type: "button", hidden: true, click: go },
    arrow,
    far,
  );
  map.getContainer().after(button);
  const point = () => {
    const [size, at] = [map.getSize(), spot()];
    if (!at || !size.x) return;
    const { top, right, bottom, left } = insets(map.getContainer());
    const [wide, high] = [(size.x - left - right) / 2, (size.y - top - bottom) / 2];
    const { x, y } = map.latLngToContainerPoint(at);
    const [dx, dy] = [x - left - wide, y - top - high];
    button.hidden = Math.abs(dx) < wide && Math.abs(dy) < high;
    if (button.hidden) return;
    const middle = map.containerPointToLatLng([left + wide, top + high]);
    far.textContent = distance(map.distance(middle, at));
    button.setAttribute("aria-label", say("Back to where you are: {distance}", { distance: far.textContent }));
    arrow.style.transform = `rotate(${Math.atan2(dx, -dy)}rad)`;
    const share = Math.min((wide - 56) / Math.abs(dx), (high - 32) / Math.abs(dy));
    button.style.transform = `translate(${left + wide + dx * share}px, ${top + high + dy * share}px) translate(-50%, -50%)`;
  };
  map.on("move moveend resize", point);
  return point;
}
