// What the server put into the page: its city and its words. Changes none of it.

export const embedded = (id) => JSON.parse(document.getElementById(id).textContent);

export const city = embedded("city");
export const words = embedded("words");
