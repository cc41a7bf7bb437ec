// The map apps that lead to a place, and which of them the rider chose. Opens none itself.

import { kept } from "../ask/profile.js";
import { asked } from "../ask/state.js";
import { city } from "../page/embedded.js";
import { say } from "../page/words.js";

// A page that is opened learns neither our address nor a handle to our window.
export const OUT = { rel: "noopener noreferrer" };
const { userAgent } = navigator;
const isAndroid = /Android/.test(userAgent);
const isApple = /iPhone|iPad|Macintosh/.test(userAgent);
// Inside WeChat a page may not open the phone's sheet, nor apps.
export const inWechat = /MicroMessenger/i.test(userAgent);
const isPhone = (isAndroid || /iPhone|iPad/.test(userAgent)) && !inWechat;

// Only those that this device can open: Apple's on Apple's, `geo:` where apps answer to it.
const KNOWN = city.shifted
  ? {
      amap: say("Amap"),
      baidu: say("Baidu Maps"),
      tencent: say("Tencent Maps"),
      apple: say("Apple Maps"),
      geo: say("Other app"),
    }
  : {
      google: say("Google Maps"),
      apple: say("Apple Maps"),
      osmand: say("OsmAnd"),
      geo: say("Other app"),
    };
export const APPS = Object.fromEntries(
  Object.entries(KNOWN).filter(
    ([name]) => (name !== "apple" || isApple) && (name !== "geo" || isAndroid),
  ),
);
// The one that stands first: whose link is a page of its own on any phone.
export const [FIRST] = Object.keys(APPS);

// The app that the rider chose before; inside WeChat every time anew, as no app opens from there.
export const app = () =>
  !inWechat && Object.keys(APPS).includes(kept("app")) ? kept("app") : null;
export const appName = () => APPS[app()];

// As Baidu's and Tencent's own schemes call the ways to travel; their pages on the web lead from
// nowhere but a point that they are told, and only show the place.
const TRAVELS = {
  walk: ["walking", "walk"],
  ride: ["riding", "bike"],
  drive: ["driving", "drive"],
  truck: ["driving", "drive"],
};

// Where a tap on an app's name leads: on a phone into the app itself, which leads by how one
// travels.
export function leads({ navigate }, name) {
  const [, x, y, title] = navigate.amap?.match(/to=([^,]*),([^,]*),([^&]*)/) ?? [];
  const [baidu, tencent] = TRAVELS[asked.mode];
  const own = isPhone && {
    baidu: `baidumap://map/direction?destination=name:${title}%7Clatlng:${y},${x}&coord_type=gcj02&mode=${baidu}&src=webapp.nuanfeng`,
    tencent: `qqmap://map/routeplan?type=${tencent}&fromcoord=CurrentLocation&to=${title}&tocoord=${y},${x}&referer=nuanfeng`,
  };
  return (own && own[name]) || navigate[name];
}

// What a link to an app says of itself: where it leads, and its page on the web, which opens where
// the app does not.
export function onward(place, name) {
  const href = leads(place, name);
  const web = place.navigate[name];
  return { href, target: tab(href), "data-web": href === web ? null : web };
}

const PATIENCE_MS = 1500;
addEventListener("click", ({ target }) => {
  const { web } = target.closest("a")?.dataset ?? {};
  if (web) setTimeout(() => document.hidden || location.assign(web), PATIENCE_MS);
});

// Web pages open beside ours; an app's own scheme leaves ours where it is.
export const tab = (url) => (url.startsWith("https:") ? "_blank" : "");
