// What a page asks while its script is still on the way: where the phone is, if asking opens no
// question, and the candidates of its cell. Stands in the page itself, made of the modules that ask
// later; main.js takes up what it began.

import { local, now, quarter } from "./ask/clock.js";
import { geohash, usual } from "./ask/geohash.js";
import { agreed, locate } from "./ask/locate.js";
import { cellPath, HEADERS, opened, plain, searched, UNKEPT } from "./ask/question.js";

const query = new URLSearchParams(location.search);
const question = plain(opened(query));
const spot = searched(query);
const begun = (self.ahead = { agreed: spot ? Promise.resolve(false) : agreed() });
begun.point = begun.agreed.then((may) => may && locate());
if (spot) candidates(spot).catch(() => {});
else begun.point.then(candidates).catch(() => {}); // whoever takes it up is told

function candidates(point) {
  if (!point) return undefined;
  begun.path = cellPath(geohash(point, usual(point)), { ...question, at: local(quarter(now())) });
  begun.reply = fetch(begun.path, { headers: HEADERS, ...UNKEPT });
  return begun.reply;
}
