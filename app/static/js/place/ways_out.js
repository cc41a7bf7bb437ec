// The map apps that lead to a place, and which of them the rider chose. Opens none itself.

import { kept } from "../ask/profile.js";
import { city } from "../page/embedded.js";
import { say } from "../page/words.js";

// A page that is opened learns neither our address nor a handle to our window.
export const OUT = { rel: "noopener noreferrer" };
export const APPS = city.shifted
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
// The one that stands first: whose link is a page of its own on any phone.
export const [FIRST] = Object.keys(APPS);

// Its pages may not open the phone's sheet, nor apps.
export const inWechat = /MicroMessenger/i.test(navigator.userAgent);

// The app that the rider chose before; inside WeChat every time anew, as no app opens from there.
export const app = () =>
  !inWechat && Object.keys(APPS).includes(kept("app")) ? kept("app") : null;
export const appName = () => APPS[app()];

// Web pages open beside ours; an app's own scheme leaves ours where it is.
export const tab = (url) => (url.startsWith("https:") ? "_blank" : "");
