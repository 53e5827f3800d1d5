/**
 * The first `length` characters, never cut in the middle of a surrogate pair. The result is a real copy: V8 keeps the whole
 * string in memory as long as a slice of it exists, and spans can wait long for their export.
 */
export function truncate(text: string, length: number): string {
  if (text.length <= length) return text;
  const endsInsidePair = /[\uD800-\uDBFF]/.test(text.charAt(length - 1));
  const head = text.slice(0, endsInsidePair ? length - 1 : length);
  return Buffer.from(head, 'utf16le').toString('utf16le');
}
