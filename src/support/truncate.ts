/**
 * The first `length` characters, without cutting a surrogate pair. The result is a copy, because a slice keeps the
 * whole string in memory until the span is exported.
 */
export function truncate(text: string, length: number): string {
  if (text.length <= length) return text;
  const endsInsidePair = /[\uD800-\uDBFF]/.test(text.charAt(length - 1));
  const head = text.slice(0, endsInsidePair ? length - 1 : length);
  return Buffer.from(head, 'utf16le').toString('utf16le');
}
