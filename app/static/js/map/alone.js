// The base map of our own under a map that is not the riders': the desk's.

export { lay } from "./ground.js";
