/**
 * Finds the known word that a wrong one was probably meant to be, by Levenshtein's distance; upper and
 * lower case are one. Of words that are as near, the first known.
 *
 * @returns undefined when none is near: half of a short word is another word.
 */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const each of known) {
    const distance = editDistance(word.toLowerCase(), each.toLowerCase());
    if (distance < least && distance < each.length) [best, least] = [each, distance];
  }
  return best;
}

/** No word that a person writes is longer, and the time grows with the square. */
const MAX_LENGTH = 200;

// One row at a time.
function editDistance(a: string, b: string): number {
  if (Math.max(a.length, b.length) > MAX_LENGTH) return Number.POSITIVE_INFINITY;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      const replaced = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
