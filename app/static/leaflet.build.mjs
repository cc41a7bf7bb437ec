// Makes of app/static/leaflet.mjs the one file that the map loads. `node leaflet.build.mjs OUT`; called by make.

import { readFile } from "node:fs/promises";

import { build } from "esbuild";

import { SYNTAX } from "./target.mjs";

// Parts that Leaflet's own modules name, but that nothing of ours reaches: drawing in old browsers, markers that are dragged
// or have Leaflet's picture, and the questions which browser this is.
const UNUSED = /\/(SVG\.VML|Marker\.Drag|Icon\.Default|Browser)(\.js)?$/;
const nothing = "export const vmlMixin = null, vmlCreate = null, MarkerDrag = null; export class IconDefault {} export default {};";

// What Leaflet asks of a browser. Those that read our scripts (target.mjs) have pointers, SVG and 3D; some answers depend on
// the phone or the mouse. An answer that is known removes what the other one led to.
const agent = (word) => `/${word}/i.test(navigator.userAgent)`;
const BROWSER = {
  any3d: "true", inlineSvg: "true", passiveEvents: "true", pointer: "true", svg: "true", touch: "true",
  canvas: "false", edge: "false", ie3d: "false", ielt9: "false", mobileOpera: "false", msPointer: "false", vml: "false",
  chrome: agent("chrome"),
  linux: 'navigator.platform.startsWith("Linux")',
  mac: 'navigator.platform.startsWith("Mac")',
  mobile: `(typeof orientation < "u" || ${agent("mobile")})`,
  retina: "(devicePixelRatio > 1)",
  safari: `(!${agent("chrome")} && ${agent("safari")})`,
  touchNative: '("ontouchstart" in window)',
}; // prettier-ignore
const answered = (source) =>
  source.replace(/\bBrowser\.(\w+)/g, (_, question) => {
    if (!BROWSER[question]) throw new Error(`Leaflet asks Browser.${question}: answer it in leaflet.build.mjs`);
    return BROWSER[question];
  });

// Private names are shortened, but for those that we use, that Leaflet exports, or that it also writes as text.
const KEPT = /^_((map|getTiledPixelBounds|setZoomTransforms?|flat|getEdgeIntersection|getBitCode|sqClosestPointOnSegment)$|_|leaflet)/;

const without = {
  name: "without",
  setup(making) {
    making.onResolve({ filter: UNUSED }, ({ path }) => ({ path, namespace: "nothing" }));
    making.onLoad({ filter: /./, namespace: "nothing" }, () => ({ contents: nothing }));
    making.onLoad({ filter: /\/leaflet\/src\// }, async ({ path }) => ({ contents: answered(await readFile(path, "utf8")) }));
  },
};

await build({
  entryPoints: [new URL("leaflet.mjs", import.meta.url).pathname],
  outfile: process.argv[2],
  bundle: true,
  format: "iife",
  globalName: "L",
  minify: true,
  ...SYNTAX,
  logLevel: "warning",
  drop: ["console"],
  mangleProps: /^_/,
  reserveProps: KEPT,
  plugins: [without],
});
