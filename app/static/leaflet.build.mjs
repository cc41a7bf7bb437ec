// Makes of app/static/leaflet.mjs the one file that the map loads. `node leaflet.build.mjs OUT`; called by make.

import { build } from "esbuild";

// Parts that Leaflet's own modules name, but that nothing of ours reaches: drawing in old browsers, markers that are dragged.
const UNUSED = /\/(SVG\.VML|Marker\.Drag)$/;
const nothing = "export const vmlMixin = null, vmlCreate = null, MarkerDrag = null;";

// Private names are shortened, but for those that we use, that Leaflet exports, or that it also writes as text.
const KEPT = /^_((map|getTiledPixelBounds|setZoomTransforms?|flat|getEdgeIntersection|getBitCode|sqClosestPointOnSegment)$|_|leaflet)/;

const without = {
  name: "without",
  setup(making) {
    making.onResolve({ filter: UNUSED }, ({ path }) => ({ path, namespace: "nothing" }));
    making.onLoad({ filter: /./, namespace: "nothing" }, () => ({ contents: nothing }));
  },
};

await build({
  entryPoints: [new URL("leaflet.mjs", import.meta.url).pathname],
  outfile: process.argv[2],
  bundle: true,
  format: "iife",
  globalName: "L",
  minify: true,
  target: "es2022",
  logLevel: "warning",
  drop: ["console"],
  mangleProps: /^_/,
  reserveProps: KEPT,
  plugins: [without],
});
