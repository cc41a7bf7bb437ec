// What comes after the list and the map, or when it is first asked for, in one piece: each part alone would split what all
// share into more files.

export * as apps from "./apps.js";
export * as drop from "./drop.js";
export * as more from "./more.js";
export * as search from "./search.js";
export * as sheet from "./sheet.js";
export * as who from "./who.js";
export * as way from "./way.js";
