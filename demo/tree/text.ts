/** On one line, without what a terminal would act upon: spans carry whatever a program put in them. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
}

/** How many columns a text takes, if none of its characters is a wide one. */
export const widthOf = (text: string): number => Array.from(text).length;

/** Cut to a number of columns, with an ellipsis in the last one. */
export function cut(text: string, width: number): string {
  const characters = Array.from(text);
  return characters.length <= width ? text : `${characters.slice(0, Math.max(0, width - 1)).join('')}…`;
}

export const padEnd = (text: string, width: number): string =>
  text + ' '.repeat(Math.max(0, width - widthOf(text)));
export const padStart = (text: string, width: number): string =>
  ' '.repeat(Math.max(0, width - widthOf(text))) + text;

const SEPARATOR = ' · ';

/** Joins parts with dots into as few lines as the width allows; a part that is too wide is cut. */
export function flow(parts: readonly string[], width: number): string[] {
  const lines: string[] = [];
  for (const part of parts.map(text => cut(text, width))) {
    const last = lines.at(-1);
    const joined = last === undefined ? undefined : last + SEPARATOR + part;
    if (joined !== undefined && widthOf(joined) <= width) lines[lines.length - 1] = joined;
    else lines.push(part);
  }
  return lines;
}
