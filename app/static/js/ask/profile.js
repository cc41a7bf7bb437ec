// What this phone remembers of its rider: who they are, how they travel, which map app. Never a
// place, and never sent.

const held = new Map(); // where the browser forbids storage, for this visit

export function keep(name, value) {
  held.set(name, value);
  try {
    localStorage.setItem("nuanfeng." + name, value);
  } catch {} // private windows of some browsers refuse
}

export function kept(name) {
  try {
    return localStorage.getItem("nuanfeng." + name) ?? held.get(name);
  } catch {
    return held.get(name);
  }
}

// How each travels and looks, and what stands first among their chips. Filters nothing: unknown
// places must not vanish.
const USUAL = { mode: "ride", reach_m: 5000, likes: [] };
export const PROFILES = {
  courier: { mode: "ride", reach_m: 5000, likes: [] },
  rider: { mode: "ride", reach_m: 5000, likes: [] },
  truck_driver: { mode: "truck", reach_m: 10_000, likes: ["truck_parking"] },
  ride_hailing_driver: { mode: "drive", reach_m: 10_000, likes: [] },
  none: USUAL,
};
export const MODES = ["walk", "ride", "drive", "truck"];

// `who` is undefined until the rider has said so, and "none" for who wants to be nobody here.
export function profile() {
  const who = Object.keys(PROFILES).find((name) => name === kept("who"));
  const usual = PROFILES[who] ?? USUAL;
  return { ...usual, who, mode: MODES.find((mode) => mode === kept("mode")) ?? usual.mode };
}

export function become(who, mode = PROFILES[who].mode) {
  keep("who", who);
  keep("mode", mode);
}
