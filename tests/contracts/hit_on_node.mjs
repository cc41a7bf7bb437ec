// What the contracts compare of a hit that the page ranked, in the order that they read it.
export const told = (hit, words) => [
    hit.id,
    hit.metres,
    hit.bearing,
    words[hit.state],
    hit.change,
    words[hit.arrival],
    hit.lonlat,
    hit.audience,
    hit.reason ?? null,
];
