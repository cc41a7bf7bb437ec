// Links that open a place in the rider's own map app: geodata/snapshot/map_links.py on the phone.
// Opens nothing itself. In the mainland, whose maps are shifted, all but `geo:` are GCJ-02.

import { gcj02 } from "./datum.js";

const AMAP = { walk: "walk", ride: "ride", drive: "car", truck: "car" };
const GOOGLE = { walk: "walking", ride: "bicycling", drive: "driving", truck: "driving" };
const APPLE = { walk: "w", ride: "w", drive: "d", truck: "d" };

// What Python's quote leaves alone, and no more.
const quote = (text) =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (mark) => "%" + mark.charCodeAt().toString(16).toUpperCase(),
  );

// Tencent separates its marker fields with these; they cannot be escaped.
const uncut = (text) => quote(text.replace(/[;:|；：｜]/g, ""));

export function links([lon, lat], name, address, mode, shifted) {
  const spot = shifted ? gcj02([lon, lat]) : [lon, lat];
  const [x, y] = spot.map((degrees) => degrees.toFixed(6));
  const title = quote(name);
  const everywhere = {
    geo: `geo:0,0?q=${lat.toFixed(6)},${lon.toFixed(6)}(${title})`,
    apple: `https://maps.apple.com/?daddr=${y},${x}&q=${title}&dirflg=${APPLE[mode]}`,
  };
  if (!shifted)
    return {
      ...everywhere,
      osmand: `https://osmand.net/map?pin=${y},${x}#17/${y}/${x}`,
      google: `https://www.google.com/maps/dir/?api=1&destination=${y},${x}&travelmode=${GOOGLE[mode]}`,
    };
  return {
    ...everywhere,
    baidu: `https://api.map.baidu.com/marker?location=${y},${x}&title=${title}&content=${quote(address)}&output=html&coord_type=gcj02&src=webapp.nuanfeng`,
    tencent: `https://apis.map.qq.com/uri/v1/marker?marker=coord:${y},${x};title:${uncut(name)};addr:${uncut(address)}&coord_type=2&referer=nuanfeng`,
    amap: `https://uri.amap.com/navigation?to=${x},${y},${title}&mode=${AMAP[mode]}&src=nuanfeng&callnative=1`,
  };
}
