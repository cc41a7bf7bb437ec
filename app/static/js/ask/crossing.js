// What somebody typed of two roads that meet, as geodata/text/crossing.py reads it.

const MOST = 3;
const TAIL =
  /\s*(?:的?(?:(?:十字|丁字|三岔|交叉)路?口|交[汇会界]处|相交处)|junction|crossing|intersection|corner)$/;
const MOUTH = /([路街道巷])路?口$/; // 沙河东路口 is the mouth of 沙河东路, not of 沙河东
const MARKS = /\s*[/&+、×]\s*|\s+(?:and|at|x)\s+/;
const ROAD_END = /[路街道巷]$/;
const AND = /^[与和跟及]/;

// Ways to part a text in two roads, the likeliest first.
export function twoRoads(typed) {
  const text = typed.normalize("NFKC").toLowerCase().trim();
  const bare = TAIL.test(text) ? text.replace(TAIL, "") : text.replace(MOUTH, "$1");
  const marked = bare.split(MARKS);
  if (marked.length > 1) return marked.length === 2 && marked.every(Boolean) ? [marked] : [];
  const isJunction = bare !== text;
  const found = [];
  for (let at = 1; at < bare.length - 1; at++) {
    const [before, behind] = [bare.slice(0, at).trim(), bare.slice(at).trim()];
    const isJoined = AND.test(bare.slice(at));
    if (!(ROAD_END.test(before) || (isJunction && isJoined))) continue;
    if (!isJunction && !ROAD_END.test(behind)) continue;
    if (isJoined) found.push([before, behind.slice(1).trim()]);
    found.push([before, behind]);
  }
  return found.filter((way) => way.every((road) => road.length > 1)).slice(0, MOST);
}
