// The page's drawer (page/drawer.js), handed over at the start: imported, it would become a file of
// its own, as other parts of the page have it, too.

let drawer = null;

export const use = (given) => (drawer = given);
export const open = (...parts) => drawer.open(...parts);
export const close = () => drawer.close();
