// Pseudo-random choices that are the same in each run.

export const SEED = 20_261_125;

/** Numbers below 1, after mulberry32. */
export function generator(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One of a list. */
export function pick(random, list) {
  return list[Math.floor(random() * list.length)];
}

const PIECES = [
  '"', '\\', ',', ':', '{', '}', '[', ']', ' ', '\t', '\n', '\r', '=', '&', '#', '?', '%', '+', '-', '_', '/', '.', ';',
  '0', '1', '9', 'e', 'E', 'a', 'Z', '\0', '\u007f', '\u00a0', 'é', '\u202e', '\ufeff', 'null', 'true', '""', '{}', '[]', '%00',
  '&state=', '&code=x', '&error=', '&iss=', '://', 'https:', '//', '\\u0000', '\\ud800', '1e400', ', ', 'Basic abc==',
];

/** A text with some of it gone, twice, or something else. */
export function garble(random, text) {
  const at = Math.floor(random() * (text.length + 1));
  const length = Math.floor(random() ** 3 * 12) + 1;
  const [before, there, behind] = [text.slice(0, at), text.slice(at, at + length), text.slice(at + length)];
  const ways = [
    () => before + behind,
    () => before + there + there + behind,
    () => before + pick(random, PIECES) + there + behind,
    () => before + pick(random, PIECES) + behind,
    () => before + there.toUpperCase() + behind,
    () => before + there.toLowerCase() + behind,
    () => before,
  ];
  return pick(random, ways.slice(0, random() < 0.05 ? 7 : 6))();
}
