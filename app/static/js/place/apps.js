// Asks with which map app to go, and remembers it on this phone.

import { keep } from "../ask/profile.js";
import { el } from "../page/dom.js";
import * as drawer from "../page/drawer.js";
import { say } from "../page/words.js";
import { copy } from "./share.js";
import { APPS, inWechat, onward, OUT } from "./ways_out.js";

const WEB = ["amap", "baidu", "tencent", "google", "osmand"]; // what WeChat shows as a page of its own

export function choose(place, done = () => {}) {
  const offered = Object.keys(APPS).filter((name) => !inWechat || WEB.includes(name));
  const link = (name, at) => {
    const way = onward(place, name);
    if (inWechat) way.href = way.href.replace("&callnative=1", "&callnative=0");
    return el(
      "a",
      {
        ...OUT,
        class: at ? "act" : "act main",
        ...way,
        click: () => (keep("app", name), drawer.close(), done()),
      },
      APPS[name],
    );
  };
  const address = [place.name, place.address].filter(Boolean).join(" ");
  drawer.open(
    say("Navigate with"),
    el(
      "p",
      {},
      inWechat
        ? say(
            "WeChat opens no map app: use the map's page, or tap ··· at the top and choose “open in browser”.",
          )
        : say("Your choice is kept on this phone; a place's own sheet lets you change it."),
    ),
    el(
      "div",
      { class: "ways-on" },
      ...offered.map(link),
      el(
        "button",
        {
          class: "act",
          type: "button",
          click: ({ currentTarget }) => copy(currentTarget, address),
        },
        say("Copy the address"),
      ),
    ),
  );
}
