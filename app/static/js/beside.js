import * as drawer from "./page/drawer.js";

// What comes after the list and the map, or when it is first asked for, in one piece: each part
// alone would split what all share into more files.

export * as apps from "./place/apps.js";
export * as layers from "./page/layers.js";
export * as relax from "./list/relax.js";
export * as filterSheet from "./list/filter_sheet.js";
export * as search from "./list/search.js";
export * as sheet from "./place/sheet.js";
export * as traveller from "./list/traveller.js";
export * as route from "./place/route.js";

// What riders say comes last, and by itself; where it does not come, with the network.
const hear = () => import("./voice/voice.js").then(({ start }) => start(drawer));
hear().catch(() => addEventListener("online", () => hear().catch(() => {}), { once: true }));
