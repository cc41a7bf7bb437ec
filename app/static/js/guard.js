// Says that the page's scripts do not run, and leads to the list that needs none: grey bars must
// not stay for ever. Stands in the page before all other scripts, and is written in ES5: browsers
// that cannot read those must be able to read this. `data-script` on <html> is "coming", then
// "running" (main.js); without it page.css shows what to do instead.
(function () {
  var PATIENCE_MS = 20000;
  var root = document.documentElement;

  function fail() {
    if (root.getAttribute("data-script") === "coming") root.removeAttribute("data-script");
  }

  root.setAttribute("data-script", "coming");
  // Errors of a script come to the window; that a script did not load is only seen on its way down
  // to the element.
  addEventListener(
    "error",
    function (event) {
      if (event.target === window || event.target.tagName === "SCRIPT") fail();
    },
    true,
  );
  setTimeout(fail, PATIENCE_MS); // whatever comes later still takes the message away
  // Older than modules, and silent about them.
  if (!("noModule" in document.createElement("script"))) fail();
})();
