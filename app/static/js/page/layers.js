// What lies over the list, each a page of history: the map, a place, a drawer, what was found.
// Going back takes off the topmost.

const shuts = {}; // what shuts the layers that are open
const layers = () => history.state?.layers ?? [];
const without = (name) => layers().filter((one) => one !== name);

// A layer has opened; going back shuts it. After a reload it has its page already; it takes over
// the page of one that is gone.
export function lay(name, shut, url) {
  shuts[name] = shut;
  if (layers().includes(name)) return;
  const write = history.state?.spent ? "replaceState" : "pushState";
  history[write]({ layers: [...layers(), name], own: name }, "", url);
}

// It is shut, and its page goes with it, or waits for what comes next.
export function drop(name) {
  const shut = shuts[name];
  delete shuts[name];
  if (layers().includes(name))
    history.replaceState({ layers: without(name), spent: history.state.own === name }, "");
  shut?.();
}

// The same, by going back where that takes off just it: once, as a second tap before the step is
// made would leave the site.
export function lift(name) {
  if (history.state?.own !== name) return drop(name);
  history.replaceState({ layers: layers() }, "");
  history.back();
}

addEventListener("popstate", () =>
  Object.keys(shuts).forEach((name) => layers().includes(name) || drop(name)),
);
