// A <dialog> in front of the page. Safari knows it from 15.4 on: before, it is an element that its
// attribute shows.

export function show(dialog) {
  if (dialog.hasAttribute("open")) return;
  dialog.showModal ? dialog.showModal() : dialog.setAttribute("open", "");
}

export const hide = (dialog) => (dialog.close ? dialog.close() : dialog.removeAttribute("open"));
