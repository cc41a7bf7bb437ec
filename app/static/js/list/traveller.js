// Asks who travels and how. The answer stays on this phone, and may be none.

import { become, MODES, profile, PROFILES } from "../ask/profile.js";
import { isOn, turn } from "../ask/kept_ground.js";
import { change } from "../ask/state.js";
import { el, icon } from "../page/dom.js";
import * as drawer from "../page/drawer.js";
import { embedded, words } from "../page/embedded.js";
import { MODE_WORDS, say } from "../page/words.js";
import { section } from "../place/kept.js";

const PICTURES = {
  courier: "parcel",
  rider: "heat_food",
  truck_driver: "driver_home",
  ride_hailing_driver: "car",
  none: "people",
};

// `given` is for what is kept (kept.js).
export function open(given) {
  const { who, mode } = profile();
  const button = (picture, text, pressed, take) =>
    el(
      "button",
      {
        class: "chip",
        type: "button",
        "aria-pressed": String(pressed),
        click: () => (take(), tell()),
      },
      picture && icon(picture),
      text,
    );
  drawer.open(
    say("Who are you?"),
    el(
      "p",
      {},
      say("Sets how you travel and how far to look. Kept on this phone only, sent to nobody."),
    ),
    el(
      "div",
      { class: "choices wide" },
      ...Object.keys(PROFILES).map((name) =>
        button(PICTURES[name], words.audiences[name] ?? say("None of these"), name === who, () =>
          become(name),
        ),
      ),
    ),
    el("h3", {}, say("How do you travel?")),
    el(
      "div",
      { class: "choices" },
      ...MODES.map((name) =>
        button(null, MODE_WORDS[name], name === mode, () => become(who ?? "none", name)),
      ),
    ),
    section(given),
    ...offlineMap(),
  );
}

// Whether the map around where one was stays on the phone; turned off, it is gone at once.
function offlineMap() {
  if (!self.caches || !embedded("map-described").beneath?.ground) return [];
  const button = el(
    "button",
    {
      class: "chip",
      type: "button",
      "aria-pressed": "false",
      click: () => isOn().then((on) => turn(!on).then(() => show(!on))),
    },
    icon("map"),
    say("Keep the map around where I was"),
  );
  const show = (on) => button.setAttribute("aria-pressed", String(on));
  isOn().then(show);
  return [
    el("h3", {}, say("Offline map")),
    el(
      "p",
      {},
      say("At most 2 MB, on this phone only. Turned off, all of it is deleted."),
      " ",
      el("a", { href: "privacy?lang=" + words.language }, say("Privacy")),
    ),
    el("div", { class: "choices" }, button),
  ];
}

// The question is answered: the list goes by it at once.
function tell() {
  drawer.close();
  const { mode, reach_m } = profile();
  change({ mode, reach_m });
}
