// A short form of `npm run test:packed`, with only npm, one SDK version and one compiler.
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
if (!typed) throw new Error('test/packed has no TypeScript program');
/** Use the Node.js that runs the tests. */
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
  // npm needs no other tool.
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

describe('the checks detect', () => {
  const sound = join(folder, 'sound');
  const installed = () => join(project.folder, 'node_modules/@org/kafka-otel');
  const spoil = (file: string, from: string | RegExp, to: string) => {
    const text = readFileSync(join(installed(), file), 'utf8');
    expect(text).toMatch(from);
    writeFileSync(join(installed(), file), text.replace(from, to));
  };

  beforeAll(() => {
    cpSync(installed(), sound, { recursive: true });
  });
  afterEach(() => {
    rmSync(installed(), { recursive: true });
    cpSync(sound, installed(), { recursive: true });
  });

  test('a second copy of the API, which splits the trace', async () => {
    const api = 'node_modules/@opentelemetry/api';
    cpSync(join(project.folder, api), join(installed(), api), { recursive: true });
    for (const file of ['package.json', 'build/src/version.js'])
      spoil(join(api, file), /(["'])1\.9\.\d+\1/, '"1.9.99"');
    const [traced] = checksOf(consumer);
    await expect(traced?.run(consumer, project, tools)).rejects.toThrow('order');
  });

  test('types that import a missing file', async () => {
    rmSync(join(installed(), 'dist/config/options.d.ts'));
    await expect(compiles(project.folder, tools, 'typescript-7', 'node16')).rejects.toThrow('options');
  });

  test('a source map without its source', () => {
    spoil('dist/index.js.map', /"sourcesContent":\[.*\]/s, '"sourcesContent":[]');
    expect(() => {
      hasSourceMaps(project.folder);
    }).toThrow('index.js.map has no sources');
  });

  test('a dependency that is only a devDependency', () => {
    spoil('dist/support/shared-state.js', /^/, 'require("kafkajs");\n');
    expect(() => {
      requiresWhatItDeclares(project.folder);
    }).toThrow('requires kafkajs, which is not a dependency');
  });
});
