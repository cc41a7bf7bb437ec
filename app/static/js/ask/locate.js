// Where the phone is. Asks only when told to, and keeps nothing.

// Resolves to a point, or rejects with "insecure", "missing", "denied" or "unavailable".
export function locate() {
  if (!isSecureContext) return Promise.reject("insecure");
  if (!navigator.geolocation) return Promise.reject("missing");
  return new Promise((found, failed) => {
    navigator.geolocation.getCurrentPosition(
      ({ coords }) =>
        found({
          lon: round(coords.longitude),
          lat: round(coords.latitude),
          accuracy_m: coords.accuracy,
        }),
      (fault) => failed(fault.code === fault.PERMISSION_DENIED ? "denied" : "unavailable"),
      { enableHighAccuracy: true, timeout: 10_000, maximumAge: 30_000 },
    );
  });
}

// Whether the rider has agreed before, so that asking now opens no question.
export async function agreed() {
  if (!isSecureContext) return false;
  const answer = await navigator.permissions?.query({ name: "geolocation" }).catch(() => null);
  return answer?.state === "granted";
}

// 6 decimals are 0.1 m, finer than any phone knows.
const round = (degrees) => Math.round(degrees * 1e6) / 1e6;
