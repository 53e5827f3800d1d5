import assert from 'node:assert/strict';
import { join } from 'node:path';
import * as esbuild from 'esbuild';
import { runWell } from './command';
import { scripts } from './contents';

/** Every file loads by itself, in a process of its own where loading it does something. */
export async function everyFileLoads(folder: string): Promise<void> {
  const files = scripts(folder);
  const acts = files.filter(file => /dist[\\/](doctor|register)\.js$/.test(file));
  assert.equal(acts.length, 2);
  const quiet = files.filter(file => !acts.includes(file));
  await runWell({
    args: ['-e', `for (const file of ${JSON.stringify(quiet)}) require(file)`],
    cwd: folder,
  });
  const { stderr } = await runWell({ args: ['-e', 'require("@org/kafka-otel/register")'], cwd: folder });
  assert.match(stderr, /^kafka-otel: warning: @opentelemetry\/sdk-node is not installed: .*\n$/);
  await runWell({
    args: [join(folder, 'node_modules/@org/kafka-otel/dist/doctor.js'), '--help'],
    cwd: folder,
  });
  await runWell({
    args: ['--import', '@org/kafka-otel/hook.mjs', '-e', 'require("@org/kafka-otel/package.json")'],
    cwd: folder,
  });
}

export async function namesAreImported(folder: string): Promise<void> {
  await runWell({ file: 'named.mjs', cwd: folder });
}

/** A stack trace leads to our TypeScript. */
export async function stackNamesSource(folder: string): Promise<void> {
  const { stdout } = await runWell({ file: 'throws.cjs', execArgv: ['--enable-source-maps'], cwd: folder });
  const [line = ''] = stdout.split('\n').filter(each => each.includes('topic-sampler'));
  assert.match(line, /src[\\/]sampling[\\/]topic-sampler\.ts:\d+:\d+/, stdout);
}

/** A bundler that drops what is not used drops us, and keeps `register`, which is used by being loaded. */
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

/** Our files in the bundle of a program. */
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
