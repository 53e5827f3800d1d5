/** Removes the oldest entries of a map or a set until at most `limit` entries are left. */
export function trim<Key>(
  entries: { readonly size: number; keys(): Iterable<Key>; delete(key: Key): boolean },
  limit: number,
): void {
  for (const key of entries.keys()) {
    if (entries.size <= limit) return;
    entries.delete(key);
  }
}
