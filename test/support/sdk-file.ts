import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { projectRoot } from './program';

/**
 * Bundles `@opentelemetry/sdk-node` into one file, once per installation. The SDK has hundreds of files, which take 0.5 s of CPU
 * time to load at every start of a program. The bundle takes a third of that time.
 */
export async function sdkFile(): Promise<string> {
  const installed = readFileSync(join(projectRoot, 'node_modules', '.package-lock.json'));
  const hash = createHash('sha256').update(installed).digest('hex').slice(0, 12);
  // The bundle must be inside node_modules, so that it loads the same API package as the programs.
  const folder = join(projectRoot, 'node_modules', '.cache', 'kafka-otel');
  const file = join(folder, `sdk-node-${hash}.cjs`);
  if (existsSync(file)) return file;
  mkdirSync(folder, { recursive: true });
  const unfinished = `${file}.${process.pid}`;
  await build({
    entryPoints: [require.resolve('@opentelemetry/sdk-node')],
    outfile: unfinished,
    bundle: true,
    minifySyntax: true,
    minifyWhitespace: true,
    platform: 'node',
    external: ['@opentelemetry/api'],
    logLevel: 'error',
  });
  renameSync(unfinished, file);
  return file;
}
