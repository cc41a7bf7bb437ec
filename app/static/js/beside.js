// What comes when it is first asked for, in one piece: each part alone would split what all share into more files.

export * as drop from "./drop.js";
export * as more from "./more.js";
export * as who from "./who.js";
export * as way from "./way.js";
