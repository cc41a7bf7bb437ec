// Parts of the page that come when they are needed. Some browsers remember an address that failed
// once for as long as the page stands (github.com/whatwg/html/issues/6768): each further try asks
// under another one.

// What brings a part: the first time by `load`, which the bundler follows, and after a failure from
// `address`. The part itself, what it imports, is the same under every address.
export function lazily(load, address) {
  let coming = null;
  let failed = 0;
  return () => {
    coming ??= failed ? import(`${address}?${failed}`) : load();
    return coming.catch((fault) => {
      coming = null;
      failed += 1;
      throw fault;
    });
  };
}
