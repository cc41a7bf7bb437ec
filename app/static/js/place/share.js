// Hands an address on: by the phone's own sheet, else by the clipboard, else as text to copy by
// hand. Never a position.

import { el, replaceChildren } from "../page/dom.js";
import { say } from "../page/words.js";
import { inWechat } from "./ways_out.js";

export async function share(button, title, path) {
  const { href: url } = new URL(path, location);
  if (!navigator.share || inWechat) return copy(button, url);
  await navigator.share({ title, url }).catch(() => {}); // the rider thought better of it
}

// The button itself says that it is done; where nothing may write to the clipboard, it gives way to
// the text.
export async function copy(button, text) {
  try {
    await navigator.clipboard.writeText(text);
    button.setAttribute("aria-live", "polite");
    replaceChildren(button, say("Copied"));
  } catch {
    button.replaceWith(el("output", { class: "by-hand", dir: "auto" }, text));
  }
}
