import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../support/program';
import type { Consumer } from './consumers';
import { call, lay, type Place } from './managers';
import { ours, type Tarball } from './tarball';
import type { Tools } from './tools';

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
  const fixtures = join(projectRoot, 'fixtures');
  cpSync(join(fixtures, 'packed'), folder, { recursive: true });
  // Shared by all programs beside it, and found by the same path as in the repository.
  cpSync(join(fixtures, 'loading/round-trip.cjs'), join(folder, '../loading/round-trip.cjs'));
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
 * Lines that no user should have to read: conflicts, missing or unfit peers, an engine that does not fit. Every package manager has
 * words of its own for them.
 */
export function complaintsIn(output: string): string[] {
  const complaint =
    /ERESOLVE|EBADENGINE|unsupported engine|unmet peer|missing peer|incorrect peer|peer dependenc|YN0002|YN0060|YN0086|incompatible with this module/i;
  return output.split('\n').filter(line => complaint.test(line));
}
