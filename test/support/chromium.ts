import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/**
 * The Chromium of this machine: `CHROME_PATH`, else the first of its usual names on the PATH.
 *
 * @throws Error that says what to install
 */
export function findChromium(env: NodeJS.ProcessEnv = process.env): string {
  const { CHROME_PATH: given, PATH = '' } = env;
  if (given !== undefined && given !== '') {
    if (isProgram(given)) return given;
    throw new Error(`CHROME_PATH names ${given}, where there is no program.`);
  }
  const found = PATH.split(delimiter)
    .flatMap(folder => NAMES.map(name => join(folder, name)))
    .find(isProgram);
  if (found === undefined) {
    throw new Error(
      'There is no Chromium: install it (Debian: apt-get install chromium), or name one with CHROME_PATH.',
    );
  }
  return found;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
