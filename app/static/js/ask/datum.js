// WGS-84 to GCJ-02, the datum of map apps and shifted base maps: geodata/space/datum.py on the
// phone, with its sources there. Places lie inside its bounding box. Draws nothing.

const { PI, sin, cos, sqrt, abs } = Math;
const KRASOVSKY_A = 6378245;
const KRASOVSKY_E2 = 0.00669342162296594323;

export function gcj02([lon, lat]) {
  const [x, y] = [lon - 105, lat - 35];
  // The shift as its authors drew it: a plane, a root and sums of waves, centred on 105 E, 35 N, in
  // metres.
  const wave = (turn, ...heights) =>
    heights.reduce((sum, [height, per]) => sum + height * sin((turn / per) * PI), 0) * (2 / 3);
  const both = wave(x, [20, 1 / 6], [20, 1 / 2]) + 0.1 * x * y;
  const north =
    2 * x +
    3 * y -
    100 +
    0.2 * (y * y + sqrt(abs(x))) +
    both +
    wave(y, [20, 1], [40, 3], [160, 12], [320, 30]);
  const east =
    300 +
    x +
    2 * y +
    0.1 * (x * x + sqrt(abs(x))) +
    both +
    wave(x, [20, 1], [40, 3], [150, 12], [300, 30]);
  // From metres to degrees, on the ellipsoid that the datum itself uses.
  const phi = (lat * PI) / 180;
  const magic = 1 - KRASOVSKY_E2 * sin(phi) ** 2;
  const degree = ((KRASOVSKY_A / sqrt(magic)) * PI) / 180;
  return [lon + east / (degree * cos(phi)), lat + (north * magic) / (degree * (1 - KRASOVSKY_E2))];
}
