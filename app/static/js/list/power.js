// Power and what to charge: a phone, an e-bike, a battery to swap. What was chosen last stays on the
// phone, and stands again when power is asked for.

import { keep, kept } from "../ask/profile.js";
import { asked } from "../ask/state.js";

export const POWER = "recharge";
const RIDERS = ["phone_charge", "ebike_charge", "battery_swap"];
const DRIVERS = ["phone_charge", "ev_charge"];

// What can be charged by who travels so; nothing where power is not asked for.
export const charged = () =>
  asked.needs.has(POWER) ? (/drive|truck/.test(asked.mode) ? DRIVERS : RIDERS) : [];

const without = (services) =>
  [...services].filter((service) => !RIDERS.includes(service) && !DRIVERS.includes(service));

// The change that asks for power, with what was charged last, or asks no more for it.
export function powering(on) {
  const needs = new Set(asked.needs);
  needs[on ? "add" : "delete"](POWER);
  const last = on && [...RIDERS, ...DRIVERS].find((service) => service === kept("power"));
  return { needs, services: new Set([...without(asked.services), ...(last ? [last] : [])]) };
}

// The change that asks for just this to be charged; asked for before, for power of any kind.
export function charging(service) {
  const chosen = asked.services.has(service) ? [] : [service];
  keep("power", chosen[0] ?? "");
  return { services: new Set([...without(asked.services), ...chosen]) };
}
