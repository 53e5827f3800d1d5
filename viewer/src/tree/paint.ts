const CODES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, blue: 34, magenta: 35, cyan: 36 } as const;

export type Style = keyof typeof CODES;

/** Adds a style to a text. Returns the text unchanged if colours are off. */
export type Paint = (style: Style, text: string) => string;

export const plain: Paint = (_, text) => text;
export const coloured: Paint = (style, text) =>
  text === '' ? '' : `\u001B[${CODES[style]}m${text}\u001B[0m`;

/**
 * Decides whether to print colours. If `FORCE_COLOR` is set, colours are printed unless it is `0` or `false`. Otherwise
 * a non-empty `NO_COLOR` forbids colours. If both are unset, a terminal gets colours, except with `TERM=dumb`.
 */
export function wantsColour(
  env: Readonly<Record<string, string | undefined>>,
  stream: { readonly isTTY?: boolean },
): boolean {
  const { FORCE_COLOR: forced, NO_COLOR: refused, TERM } = env;
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  if (refused) return false;
  return stream.isTTY === true && TERM !== 'dumb';
}

const SERVICE_STYLES = ['cyan', 'magenta', 'yellow', 'blue', 'green'] as const satisfies readonly Style[];

/** Gives each service a style, in the order of the list. */
export function serviceStyles(services: Iterable<string>): (service: string) => Style {
  const order = [...new Set(services)];
  return service => SERVICE_STYLES[order.indexOf(service) % SERVICE_STYLES.length] ?? 'cyan';
}
