// On a place's own page: a plate at the door was scanned. Its token is taken out of the address at
// once, before anybody could share it, and the page with the sheet takes it up (plate.js).

const [, token] = /^#k=(.{1,60})$/.exec(location.hash) ?? [];
if (token) {
  const id = location.pathname.split("/").pop();
  history.replaceState(null, "", location.pathname + location.search);
  try {
    const plate = { place: decodeURIComponent(id), token: decodeURIComponent(token) };
    sessionStorage.setItem("nuanfeng.plate", JSON.stringify(plate));
    const lang = document.documentElement.lang;
    location.replace(`../?lang=${lang}&place=${id}`);
  } catch {} // a browser that keeps nothing for a tab: the page itself is of use all the same
}
