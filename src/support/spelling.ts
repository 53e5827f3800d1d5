/** The candidate that a misspelt word probably means, if one is similar enough. */
export function closestTo(word: string, candidates: readonly string[], limit = 2): string | undefined {
  const [best] = candidates
    .map(candidate => ({ candidate, distance: editDistance(word, candidate) }))
    .filter(({ distance }) => distance <= limit)
    .sort((one, other) => one.distance - other.distance);
  return best?.candidate;
}

/**
 * Returns a question for a message, such as `Did you mean orders?`. Empty if nothing is similar. Up to a third of the
 * letters may be wrong, or two letters in a short word.
 */
export function didYouMean(word: string, candidates: readonly string[], prefix = ''): string {
  const limit = Math.max(2, Math.floor(word.length / 3));
  const similar = closestTo(
    word.toLowerCase(),
    candidates.map(each => each.toLowerCase()),
    limit,
  );
  const found = candidates.find(each => each.toLowerCase() === similar);
  return found === undefined ? '' : ` Did you mean ${prefix}${found}?`;
}

/** The number of letters to insert, remove or replace (Levenshtein). */
function editDistance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (const [index, letter] of Array.from(one).entries()) {
    const next = [index + 1];
    for (const [column, otherLetter] of Array.from(other).entries()) {
      const replaced = (row[column] ?? 0) + (letter === otherLetter ? 0 : 1);
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
