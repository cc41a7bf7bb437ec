// Makes of app/static/leaflet.mjs the one file that the map loads. `node leaflet.build.mjs OUT`;
// called by make.

import { readFile, writeFile } from "node:fs/promises";

import { parseAst } from "@rollup/wasm-node/parseAst";
import { build } from "esbuild";

import { lean, SYNTAX } from "./target.mjs";

// Parts that Leaflet's own modules name, but that nothing of ours reaches: drawing in old browsers,
// markers that are dragged or have Leaflet's picture, and the questions which browser this is.
const UNUSED = /\/(SVG\.VML|Marker\.Drag|Icon\.Default|Browser)(\.js)?$/;
const nothing =
    "export const vmlMixin = null, vmlCreate = null, MarkerDrag = null; export class IconDefault {} export default {};";

// What Leaflet asks of a browser. Those that read our scripts (target.mjs) have pointers, SVG and
// 3D; some answers depend on the phone or the mouse. An answer that is known removes what the other
// one led to.
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
        if (!BROWSER[question])
            throw new Error(`Leaflet asks Browser.${question}: answer it in leaflet.build.mjs`);
        return BROWSER[question];
    });

// Options that our map never changes, as Leaflet sets them: one world, tiles and layers everywhere,
// no pictures from elsewhere.
const SETTLED = {
  bounceAtZoomLimits: "true", bounds: "null", crossOrigin: "false", draggable: "false", inertia: "true", layers: "null",
  markerZoomAnimation: "true", maxBoundsViscosity: "0", noClip: "false", noWrap: "false", riseOnHover: "false",
  touchZoom: "true", trackResize: "true", updateWhenZooming: "true", worldCopyJump: "false",
}; // prettier-ignore
const settled = (source) =>
    source.replace(
        /\b(?:this\._map\.|this\.|map\.)?options\.(\w+)\b(?!\s*=[^=])/g,
        (asked, name) => SETTLED[name] ?? asked,
    );

// Methods that nothing of ours and nothing left of Leaflet calls, by the file: flights, Leaflet's
// own way of asking where the phone is, the middle of a shape for its pop-up. What is still called
// after all makes the build fail.
const UNCALLED = {
    "/map/Map.js": [
        "flyTo",
        "flyToBounds",
        "fitWorld",
        "getPanes",
        "locate",
        "mouseEventToLatLng",
        "mouseEventToLayerPoint",
        "remove",
        "setMaxZoom",
        "setMinZoom",
        "stopLocate",
        "_handleGeolocationError",
        "_handleGeolocationResponse",
        "_destroyAnimProxy",
    ],
    "/core/Events.js": ["addEventParent", "removeEventParent"],
    "/geo/LatLng.js": ["toBounds", "wrap"],
    "/geo/LatLngBounds.js": ["overlaps", "toBBoxString"],
    "/layer/Layer.js": ["getAttribution"],
    "/vector/Path.js": ["bringToBack", "bringToFront", "setStyle"],
    "/vector/Polyline.js": [
        "addLatLng",
        "closestLayerPoint",
        "getCenter",
        "getLatLngs",
        "isEmpty",
        "setLatLngs",
    ],
    "/vector/Polygon.js": ["getCenter", "isEmpty"],
    "/vector/SVG.js": ["_bringToBack", "_bringToFront"],
    "/layer/LayerGroup.js": ["getLayer", "getLayers"],
    "/layer/marker/Icon.js": [
        "createIcon",
        "createShadow",
        "_createIcon",
        "_createImg",
        "_getIconUrl",
    ],
    "/layer/marker/Marker.js": [
        "getIcon",
        "setIcon",
        "setLatLng",
        "setOpacity",
        "setZIndexOffset",
        "_bringToFront",
    ],
    "/map/handler/Map.Drag.js": ["_onPreDragWrap", "moving"],
    "/tile/GridLayer.js": ["bringToBack", "bringToFront", "isLoading", "setOpacity", "setZIndex"],
};
const ELSEWHERE = ["createIcon", "createShadow", "getCenter", "remove"]; // others have them, too

function pruned(path, source) {
    const names = Object.entries(UNCALLED).find(([file]) => path.endsWith(file))?.[1] ?? [];
    const methods = [...objects(parseAst(source))]
        .flatMap(({ properties }) => properties)
        .filter(
            ({ key, value }) => value?.type === "FunctionExpression" && names.includes(key.name),
        );
    if (methods.length !== names.length)
        throw new Error(`${path} has not all of ${names}: mend leaflet.build.mjs`);
    // From behind, so that the places of those before stay right; with the comma that follows.
    return methods
        .sort((a, b) => b.start - a.start)
        .reduce(
            (text, { start, end }) => text.slice(0, start) + text.slice(end).replace(/^\s*,/, ""),
            source,
        );
}

function* objects(tree) {
    if (tree?.type === "ObjectExpression") yield tree;
    if (tree && typeof tree === "object")
        for (const child of Object.values(tree)) yield* objects(child);
}

// Private names are shortened, but for those that we use, that Leaflet exports, or that it also
// writes as text.
const KEPT =
    /^_((map|getTiledPixelBounds|setZoomTransforms?|flat|getEdgeIntersection|getBitCode|sqClosestPointOnSegment)$|_|leaflet)/;

const without = {
    name: "without",
    setup(making) {
        making.onResolve({ filter: UNUSED }, ({ path }) => ({ path, namespace: "nothing" }));
        making.onLoad({ filter: /./, namespace: "nothing" }, () => ({ contents: nothing }));
        making.onLoad({ filter: /\/leaflet\/src\// }, async ({ path }) => ({
            contents: settled(answered(pruned(path, await readFile(path, "utf8")))),
        }));
    },
};

const {
    outputFiles: [file],
    mangleCache: shortened,
} = await build({
    entryPoints: [new URL("leaflet.mjs", import.meta.url).pathname],
    write: false,
    bundle: true,
    format: "iife",
    globalName: "L",
    minify: true,
    ...SYNTAX,
    logLevel: "warning",
    drop: ["console"],
    mangleProps: /^_/,
    mangleCache: { or: false }, // a name that newer browsers give a meaning of their own
    reserveProps: KEPT,
    plugins: [without],
});

const still = (name) => file.text.includes(`.${shortened[name] || name}(`);
const called = Object.values(UNCALLED)
    .flat()
    .filter((name) => !ELSEWHERE.includes(name) && still(name));
if (called.length)
    throw new Error(
        `Leaflet still calls ${called}: take them out of UNCALLED in leaflet.build.mjs`,
    );
await writeFile(process.argv[2], await lean(file.text, { module: false }));
