import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../support/program';

interface Entry {
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}
const { packages } = JSON.parse(readFileSync(join(projectRoot, 'package-lock.json'), 'utf8')) as {
  readonly packages: Readonly<Record<string, Entry>>;
};

/** Returns the path of a package in the lock file, as the package `from` would find it. */
function located(name: string, from: string): string {
  const inside = `${from === '' ? '' : `${from}/`}node_modules/${name}`;
  if (packages[inside]) return inside;
  if (from === '') throw new Error(`${name} is not in the lock file`);
  return located(name, from.slice(0, Math.max(0, from.lastIndexOf('/node_modules/'))));
}

test('the SBOM lists exactly the packages of a production installation', () => {
  const all = new Map<string, Entry>();
  const follow = (from: string): void => {
    const { dependencies, peerDependencies, peerDependenciesMeta = {} } = packages[from] ?? {};
    for (const name of Object.keys({ ...dependencies, ...peerDependencies })) {
      if (peerDependenciesMeta[name]?.optional === true) continue;
      const path = located(name, from);
      const entry = packages[path];
      if (!entry || all.has(path)) continue;
      all.set(path, entry);
      follow(path);
    }
  };
  follow('');
  const expected = [...all].map(
    ([path, { version }]) => `${path.replace(/^.*node_modules\//, '')}@${version}`,
  );
  expect(expected.length).toBeGreaterThan(8);

  const printed = execFileSync(process.execPath, [join(projectRoot, 'scripts/sbom.mjs')], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const bom = JSON.parse(printed) as {
    readonly bomFormat: string;
    readonly metadata: { readonly component: { readonly name: string } };
    readonly components: readonly {
      readonly name: string;
      readonly version: string;
      readonly licenses: unknown;
    }[];
  };
  expect([bom.bomFormat, bom.metadata.component.name]).toEqual(['CycloneDX', '@org/kafka-otel']);
  expect(bom.components.map(({ name, version }) => `${name}@${version}`).sort()).toEqual(expected.sort());
  expect(bom.components.filter(({ licenses }) => licenses === undefined)).toEqual([]);
});
