const MAX_SHOWN = 3;

/** The known names that differ from `name` by few letters, the nearest first; at most three. */
export function nearest(name, known) {
  const limit = Math.max(1, Math.floor(name.length / 3));
  const scored = [...new Set(known)].map((word) => ({ word, distance: distance(name, word) }));
  const close = scored.filter((entry) => entry.distance <= limit);
  return close
    .sort((left, right) => left.distance - right.distance)
    .slice(0, MAX_SHOWN)
    .map((entry) => entry.word);
}

/** Levenshtein distance: the number of letters to insert, delete or replace. */
function distance(left, right) {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i++) {
    const next = [i];
    for (let j = 1; j <= right.length; j++) {
      const replaced = row[j - 1] + (left[i - 1] === right[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j] + 1, next[j - 1] + 1));
    }
    row = next;
  }
  return row[right.length];
}
