/**
 * The first characters of a text, without half of one. A text that is cut is copied: V8 keeps the whole of a string for as long
 * as any slice of it lives, and spans wait in queues.
 */
export function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  const endsWithin = /[\uD800-\uDBFF]/.test(text.charAt(length - 1));
  const head = text.slice(0, endsWithin ? length - 1 : length);
  return Buffer.from(head, 'utf16le').toString('utf16le');
}
