import assert from 'node:assert/strict';
import { join } from 'node:path';
import * as esbuild from 'esbuild';
import { runSuccessfully } from './command';
import { scripts } from './contents';

/** Check: every file can be loaded alone. Files with side effects are loaded in separate processes. */
export async function everyFileLoads(folder: string): Promise<void> {
  const files = scripts(folder);
  const withSideEffects = files.filter(file => /dist[\\/](doctor|register)\.js$/.test(file));
  assert.equal(withSideEffects.length, 2);
  const others = files.filter(file => !withSideEffects.includes(file));
  await runSuccessfully({
    args: ['-e', `for (const file of ${JSON.stringify(others)}) require(file)`],
    cwd: folder,
  });
  const { stderr } = await runSuccessfully({
    args: ['-e', 'require("@org/kafka-otel/register")'],
    cwd: folder,
  });
  assert.match(stderr, /^kafka-otel: warning: @opentelemetry\/sdk-node is not installed: .*\n$/);
  await runSuccessfully({
    args: [join(folder, 'node_modules/@org/kafka-otel/dist/doctor.js'), '--help'],
    cwd: folder,
  });
  await runSuccessfully({
    args: ['--import', '@org/kafka-otel/hook.mjs', '-e', 'require("@org/kafka-otel/package.json")'],
    cwd: folder,
  });
}

export async function namesAreImported(folder: string): Promise<void> {
  await runSuccessfully({ file: 'named.mjs', cwd: folder });
}

/** Check: with source maps, a stack trace shows the TypeScript source. */
export async function stackNamesSource(folder: string): Promise<void> {
  const { stdout } = await runSuccessfully({
    file: 'throws.cjs',
    execArgv: ['--enable-source-maps'],
    cwd: folder,
  });
  const [line = ''] = stdout.split('\n').filter(each => each.includes('topic-sampler'));
  assert.match(line, /src[\\/]sampling[\\/]topic-sampler\.ts:\d+:\d+/, stdout);
}

/** Check: the field `sideEffects` is correct. A bundler removes an unused package but keeps `register`. */
export async function bundlesAsDeclared(folder: string): Promise<void> {
  const unused = await bundle(folder, "import { TopicSampler } from '@org/kafka-otel'; console.log(1)");
  assert.deepEqual(unused, []);
  const used = await bundle(
    folder,
    "import { TopicSampler } from '@org/kafka-otel'; console.log(TopicSampler)",
  );
  assert.ok(used.some(file => file.endsWith('dist/sampling/topic-sampler.js')));
  const register = await bundle(folder, "import '@org/kafka-otel/register'");
  assert.ok(register.some(file => file.endsWith('dist/register.js')));
}

/** Returns the files of this package that are in the bundle of a program. */
async function bundle(folder: string, contents: string): Promise<string[]> {
  const { metafile } = await esbuild.build({
    stdin: { contents, resolveDir: folder, sourcefile: 'program.mjs' },
    bundle: true,
    platform: 'node',
    write: false,
    metafile: true,
    logLevel: 'error',
    absWorkingDir: folder,
  });
  const [output] = Object.values(metafile.outputs);
  return Object.entries(output?.inputs ?? {})
    .filter(([file, { bytesInOutput }]) => file.includes('@org/kafka-otel') && bytesInOutput > 0)
    .map(([file]) => file);
}
