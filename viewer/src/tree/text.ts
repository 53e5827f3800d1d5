/**
 * Makes a text safe to print, because span attributes can contain terminal escape sequences. The result is one line
 * without control characters.
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
}

/** Counts every character as one column, even if a terminal shows it in two columns. */
export const widthOf = (text: string): number => Array.from(text).length;

/** Shortens a text to a number of columns. A shortened text ends with an ellipsis. */
export function truncate(text: string, width: number): string {
  const characters = Array.from(text);
  return characters.length <= width ? text : `${characters.slice(0, Math.max(0, width - 1)).join('')}…`;
}

export const padEnd = (text: string, width: number): string =>
  text + ' '.repeat(Math.max(0, width - widthOf(text)));
export const padStart = (text: string, width: number): string =>
  ' '.repeat(Math.max(0, width - widthOf(text))) + text;

const SEPARATOR = ' · ';

/** Joins parts with a separator into as few lines as possible. A part that is longer than a line is shortened. */
export function joinIntoLines(parts: readonly string[], width: number): string[] {
  const lines: string[] = [];
  for (const part of parts.map(text => truncate(text, width))) {
    const last = lines.at(-1);
    const joined = last === undefined ? undefined : last + SEPARATOR + part;
    if (joined !== undefined && widthOf(joined) <= width) lines[lines.length - 1] = joined;
    else lines.push(part);
  }
  return lines;
}
