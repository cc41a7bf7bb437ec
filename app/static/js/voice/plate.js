// A plate that was scanned at a door: its token, which door.js took out of the address, is
// exchanged for a ticket, and reports of that place carry it for as long as it holds.

import { now } from "../ask/clock.js";
import { drop, key, send } from "./send.js";

const TOKEN = "nuanfeng.plate";
const TICKET = "nuanfeng.ticket"; // holds over a reload, and no longer than the tab

const stored = (name) => JSON.parse(sessionStorage.getItem(name));

// `known(ticket)` is called once the server has said whether the plate is one of ours.
export async function start(known) {
  try {
    const body = stored(TOKEN);
    sessionStorage.removeItem(TOKEN);
    if (!body) return;
    const thing = { key: key(), path: "api/v1/plates", body };
    const { taken } = await send(thing);
    drop(thing.key); // sent later it would say that one is there who was
    if (taken?.ticket) sessionStorage.setItem(TICKET, JSON.stringify(taken));
    if (taken) known(Boolean(taken.ticket));
  } catch {} // a browser that keeps nothing for a tab
}

// The ticket of a place, while it holds.
export function ticketOf(id) {
  try {
    const held = stored(TICKET);
    return held?.place === id && now() < Date.parse(held.expires) ? held.ticket : null;
  } catch {
    return null;
  }
}
