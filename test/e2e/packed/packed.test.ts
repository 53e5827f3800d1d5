// The short form of `npm run test:packed`: npm, one line of the SDK, one compiler.
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checksOf } from '../../packed/checks';
import { TYPED, type Consumer } from '../../packed/consumers';
import { hasSourceMaps, requiresWhatItDeclares } from '../../packed/contents';
import { newFolder } from '../../packed/folder';
import { install } from '../../packed/install';
import type { Project } from '../../packed/managers';
import { PACKAGE_CHECKS, installBare } from '../../packed/package-checks';
import { pack, type Tarball } from '../../packed/tarball';
import { ALL_TOOLS, installTools, type Tools } from '../../packed/tools';
import { RESOLUTIONS, compiles } from '../../packed/types';

const [typed] = TYPED;
if (!typed) throw new Error('there is no program in TypeScript');
/** Under the Node.js that runs the tests, whichever that is. */
const consumer: Consumer = { ...typed, node: Number(process.versions.node.split('.')[0]) };

const folder = newFolder();
const bare = join(folder, 'bare');
let tarball: Tarball;
let tools: Tools;
let project: Project;

beforeAll(async () => {
  tarball = pack(folder);
  const compiler = { 'typescript-7': ALL_TOOLS['typescript-7'] ?? '' };
  const installed = installTools(join(folder, 'tools'), compiler);
  // npm itself needs no tool.
  const tool = { node: () => process.execPath, cache: folder, file: () => '' };
  [tools, project] = await Promise.all([
    installed,
    install(consumer, tool, tarball, join(folder, 'program')),
    installBare(tarball, bare),
  ]);
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('the packed package, installed', () => {
  test.each(checksOf(consumer))('into a program: $name', check => check.run(consumer, project, tools));

  test.each(PACKAGE_CHECKS)('alone: $name', async check => {
    await check.run(bare, tarball);
  });

  test.each(RESOLUTIONS)('has types that compile under TypeScript 7, resolved as %s', resolution =>
    compiles(project.folder, tools, 'typescript-7', resolution),
  );
});

describe('the checks fail', () => {
  const sound = join(folder, 'sound');
  const ours = () => join(project.folder, 'node_modules/@org/kafka-otel');
  const spoil = (file: string, from: string | RegExp, to: string) => {
    const text = readFileSync(join(ours(), file), 'utf8');
    expect(text).toMatch(from);
    writeFileSync(join(ours(), file), text.replace(from, to));
  };

  beforeAll(() => {
    cpSync(ours(), sound, { recursive: true });
  });
  afterEach(() => {
    rmSync(ours(), { recursive: true });
    cpSync(sound, ours(), { recursive: true });
  });

  test('for a second API, with which the program and the package make two traces', async () => {
    const api = 'node_modules/@opentelemetry/api';
    cpSync(join(project.folder, api), join(ours(), api), { recursive: true });
    for (const file of ['package.json', 'build/src/version.js'])
      spoil(join(api, file), /(["'])1\.9\.\d+\1/, '"1.9.99"');
    const [traced] = checksOf(consumer);
    await expect(traced?.run(consumer, project, tools)).rejects.toThrow('order');
  });

  test('for types that lead nowhere', async () => {
    rmSync(join(ours(), 'dist/config/options.d.ts'));
    await expect(compiles(project.folder, tools, 'typescript-7', 'node16')).rejects.toThrow('options');
  });

  test('for a map without its source', () => {
    spoil('dist/index.js.map', /"sourcesContent":\[.*\]/s, '"sourcesContent":[]');
    expect(() => {
      hasSourceMaps(project.folder);
    }).toThrow('index.js.map has no sources');
  });

  test('for a dependency that only development has', () => {
    spoil('dist/shared.js', /^/, 'require("kafkajs");\n');
    expect(() => {
      requiresWhatItDeclares(project.folder);
    }).toThrow('requires kafkajs, which is not a dependency');
  });
});
