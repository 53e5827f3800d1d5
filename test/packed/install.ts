import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../support/program';
import type { Consumer } from './consumers';
import { call, lay, type Place } from './managers';
import { ours, type Tarball } from './tarball';
import type { Tools } from './tools';

const FIXTURES = ['packed', 'loading/round-trip.cjs'];

/**
 * Makes the program and installs what it takes.
 *
 * @throws Error if that fails, or if the package manager complains of our package
 */
export async function install(
  consumer: Consumer,
  tools: Tools,
  tarball: Tarball,
  folder: string,
): Promise<Place> {
  const { manager, installs } = consumer;
  const place = { folder, node: tools.node(consumer.node) };
  lay(manager, folder);
  for (const fixture of FIXTURES)
    cpSync(join(projectRoot, 'fixtures', fixture), join(folder, fixture === 'packed' ? '' : 'round-trip.cjs'), {
      recursive: true,
    });
  for (const packages of installs) {
    const specs = packages.map(each => (each === 'ours' ? ours(tarball) : each));
    const { code, output } = await call(manager, tools, place, [...manager.add, ...specs]);
    if (code !== 0) throw new Error(`${manager.name} ${[...manager.add, ...packages].join(' ')}\n${output}`);
    const complaints = complaintsIn(output);
    if (complaints.length > 0) throw new Error(`${manager.name} complains:\n${complaints.join('\n')}`);
  }
  return place;
}

/**
 * Lines about us that no user should have to read: conflicts, missing or unfit peers, deprecated packages. Every package manager
 * has words of its own for them, and some name the package on the line above.
 */
export function complaintsIn(output: string): string[] {
  const lines = output.split('\n');
  return lines.filter((line, index) => {
    if (/ERESOLVE|EBADENGINE/.test(line)) return true;
    if (!/peer dep|unmet|missing peer|doesn't provide|deprecated|YN0002|YN0060|YN0086/i.test(line)) return false;
    return [lines[index - 1], line, lines[index + 1]].some(each => each?.includes('kafka-otel'));
  });
}
