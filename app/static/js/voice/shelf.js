// What this room keeps on the phone, under names of its own: reports, letters' receipts, what was
// said last. Goes into no file (place/kept.js) and to nobody.

import { keep, kept } from "../ask/profile.js";

const NAME = "voice.";

export function read(name, otherwise) {
  try {
    return JSON.parse(kept(NAME + name)) ?? otherwise;
  } catch {
    return otherwise;
  }
}

export const write = (name, value) => keep(NAME + name, JSON.stringify(value));
