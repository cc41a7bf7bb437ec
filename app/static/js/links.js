// Links that open a place in the rider's own map app: geodata/navigate.py on the phone. Opens nothing itself.
//
// All but `geo:` are GCJ-02, which geodata/coordinates.py has with its sources; places lie inside its bounding box.

const { PI, sin, cos, sqrt, abs } = Math;
const KRASOVSKY_A = 6378245;
const KRASOVSKY_E2 = 0.00669342162296594323;
const AMAP = { walk: "walk", ride: "ride", drive: "car", truck: "car" };
const APPLE = { walk: "w", ride: "w", drive: "d", truck: "d" };

function gcj02(lon, lat) {
  const [x, y] = [lon - 105, lat - 35];
  const wave = (turn, ...heights) => heights.reduce((sum, [height, per]) => sum + height * sin((turn / per) * PI), 0) * (2 / 3);
  const both = wave(x, [20, 1 / 6], [20, 1 / 2]) + 0.1 * x * y;
  const north = 2 * x + 3 * y - 100 + 0.2 * (y * y + sqrt(abs(x))) + both + wave(y, [20, 1], [40, 3], [160, 12], [320, 30]);
  const east = 300 + x + 2 * y + 0.1 * (x * x + sqrt(abs(x))) + both + wave(x, [20, 1], [40, 3], [150, 12], [300, 30]);
  const phi = (lat * PI) / 180;
  const magic = 1 - KRASOVSKY_E2 * sin(phi) ** 2;
  const degree = ((KRASOVSKY_A / sqrt(magic)) * PI) / 180;
  return [lon + east / (degree * cos(phi)), lat + (north * magic) / (degree * (1 - KRASOVSKY_E2))];
}

// What Python's quote leaves alone, and no more.
const quote = (text) => encodeURIComponent(text).replace(/[!'()*]/g, (mark) => "%" + mark.charCodeAt().toString(16).toUpperCase());

// Tencent separates its marker fields with these; they cannot be escaped.
const uncut = (text) => quote(text.replace(/[;:|；：｜]/g, ""));

export function links([lon, lat], name, address, mode) {
  const [x, y] = gcj02(lon, lat).map((degrees) => degrees.toFixed(6));
  const title = quote(name);
  return {
    baidu: `https://api.map.baidu.com/marker?location=${y},${x}&title=${title}&content=${quote(address)}&output=html&coord_type=gcj02&src=webapp.nuanfeng`,
    tencent: `https://apis.map.qq.com/uri/v1/marker?marker=coord:${y},${x};title:${uncut(name)};addr:${uncut(address)}&coord_type=2&referer=nuanfeng`,
    geo: `geo:0,0?q=${lat.toFixed(6)},${lon.toFixed(6)}(${title})`,
    apple: `https://maps.apple.com/?daddr=${y},${x}&q=${title}&dirflg=${APPLE[mode]}`,
    amap: `https://uri.amap.com/navigation?to=${x},${y},${title}&mode=${AMAP[mode]}&src=nuanfeng&callnative=1`,
  };
}
