import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/**
 * Returns the path of Chromium: `CHROME_PATH`, or the first program on the PATH with a usual name of Chromium.
 *
 * @throws Error that says how to install Chromium
 */
export function findChromium(env: NodeJS.ProcessEnv = process.env): string {
  const { CHROME_PATH: given, PATH = '' } = env;
  if (given !== undefined && given !== '') {
    if (isProgram(given)) return given;
    throw new Error(
      `CHROME_PATH is ${given}, which is not an executable file. Set it to the path of Chromium.`,
    );
  }
  const found = PATH.split(delimiter)
    .flatMap(folder => NAMES.map(name => join(folder, name)))
    .find(isProgram);
  if (found === undefined) {
    throw new Error(
      'Chromium was not found. Install it (Debian: apt-get install chromium) or set CHROME_PATH to its executable.',
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
