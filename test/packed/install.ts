import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../support/program';
import type { Consumer } from './consumers';
import { runManager, createProject, type Project } from './managers';
import { specifierOf, type Tarball } from './tarball';
import type { Tools } from './tools';

/**
 * Creates an application and installs its packages.
 *
 * @throws Error if the installation fails, or if the package manager warns about peer dependencies or Node.js versions
 */
export async function install(
  consumer: Consumer,
  tools: Tools,
  tarball: Tarball,
  folder: string,
): Promise<Project> {
  const { manager, installs } = consumer;
  const project = { folder, node: tools.node(consumer.node) };
  createProject(manager, folder);
  const fixtures = join(projectRoot, 'fixtures');
  cpSync(join(fixtures, 'packed'), folder, { recursive: true });
  // All applications share the fixtures, at the same relative path as in the repository.
  cpSync(join(fixtures, 'loading/round-trip.cjs'), join(folder, '../loading/round-trip.cjs'));
  for (const packages of installs) {
    const specs = packages.map(each => (each === 'ours' ? specifierOf(tarball) : each));
    const { code, output } = await runManager(manager, tools, project, [...manager.add, ...specs]);
    if (code !== 0) throw new Error(`${manager.name} ${[...manager.add, ...packages].join(' ')}\n${output}`);
    const warnings = warningsIn(output);
    if (warnings.length > 0) throw new Error(`${manager.name} printed warnings:\n${warnings.join('\n')}`);
  }
  return project;
}

/** Finds warnings of any package manager about peer dependencies and unsupported Node.js versions. */
export function warningsIn(output: string): string[] {
  const warning =
    /ERESOLVE|EBADENGINE|unsupported engine|unmet peer|missing peer|incorrect peer|peer dependenc|YN0002|YN0060|YN0086|incompatible with this module/i;
  return output.split('\n').filter(line => warning.test(line));
}
