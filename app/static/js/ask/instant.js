// Instants as texts and by quarters of an hour. Knows no zone: how far clocks are ahead of UTC it is
// told.

const QUARTER_MS = 900e3; // clocks change on quarters of an hour

// The beginning of the quarter hour of an instant.
export const quarter = (ms) => ms - (ms % QUARTER_MS);

// An instant as RFC 3339 has it, where clocks are ahead by `shift`, in ms.
export function written(ms, shift) {
  const text = (time, from, to) => new Date(time).toISOString().slice(from, to);
  return text(ms + shift, 0, 19) + (shift < 0 ? "-" : "+") + text(Math.abs(shift), 11, 16);
}
