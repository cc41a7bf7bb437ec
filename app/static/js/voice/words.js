// Words for what people say: they come with this room, so that the page itself carries none.

import { words } from "../page/embedded.js";

const SINCE = /^.*?\/static\/[^/]+\//;
let told = null;

// Fetched once; the same for ever under the address of these files.
export async function bring() {
  const [files] = SINCE.exec(import.meta.url);
  const reply = await fetch(`${files}words/${words.language}.json`);
  if (!reply.ok) throw reply;
  told = await reply.json();
}

export const say = (message, values) =>
  (told.said[message] ?? message).replace(/\{(\w+)\}/g, (_, name) => values[name]);

// What an entry of the directory is for.
export const help = (name) => told.helps[name] ?? name;
