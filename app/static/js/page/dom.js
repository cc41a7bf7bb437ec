// Makes elements. Text stays text: nothing on this page is ever parsed as HTML.

const SVG = "http://www.w3.org/2000/svg";

// List and map side by side, on a desk and on a phone that lies on its side; page.css has the same.
export const WIDE = matchMedia(
  "(min-width: 900px), (min-width: 600px) and (orientation: landscape)",
);

export const byId = (id) => document.getElementById(id);

// An element with attributes (a function is a listener) and children (text or elements); null and
// false are left out.
export function el(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (typeof value === "function") made.addEventListener(name, value);
    else if (value != null && value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child || child === 0));
  return made;
}

// Put these children into an element instead of those that it has. Element.replaceChildren came
// with Chromium 86.
export function replaceChildren(element, ...children) {
  element.textContent = "";
  element.append(...children);
}

// A button that says what it does.
export const act = (text, click, kind = "", picture) =>
  el("button", { class: "act " + kind, type: "button", click }, picture && icon(picture), text);

// A picture of the sprite; it says nothing that the words beside it do not.
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  svg.appendChild(document.createElementNS(SVG, "use")).setAttribute("href", "#i-" + name);
  return svg;
}

// Between two pieces of work: what a thumb did meanwhile is answered first.
export const breath = () => new Promise((on) => setTimeout(on));

// When nothing else is to be done, but soon.
export const idle = self.requestIdleCallback || setTimeout;
export const SOON = { timeout: 300 };

// When all that is drawn so far has been painted.
export const frame = () => new Promise((on) => requestAnimationFrame(() => setTimeout(on)));
