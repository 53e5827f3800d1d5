import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Name and version of this package. A viewer returns them for `GET /viewer.json`, so that other viewers recognise it.
 */
export interface Identity {
  readonly name: string;
  readonly version: string;
}

export function identity(): Identity {
  const manifest = readFileSync(join(__dirname, '..', 'package.json'), 'utf8');
  const { name, version } = JSON.parse(manifest) as Identity;
  return { name, version };
}
