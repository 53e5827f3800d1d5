import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { projectRoot } from './program';

const SDK = require.resolve('@opentelemetry/sdk-node');

/** Packages that the SDK always loads at its start, although few programs use them. */
const UNUSED =
  /^@opentelemetry\/(exporter-.*-(grpc|proto)|exporter-zipkin|exporter-prometheus|otlp-grpc-exporter-base|configuration)$/;
/** Packages that npm may install in several identical copies. */
const REPEATED = /^@opentelemetry\/(core|resources|otlp-\w+(-base)?|sdk-[\w-]+)$/;

/**
 * Makes the bundle smaller. Rarely used packages are loaded only on use, and identical copies of a package are bundled
 * only once.
 */
const lean: Plugin = {
  name: 'lean',
  setup(bundler) {
    const { resolve } = createRequire(SDK);
    bundler.onResolve({ filter: UNUSED }, ({ path, namespace }) =>
      namespace === 'unused' ? { path: resolve(path) } : { path, namespace: 'unused' },
    );
    bundler.onLoad({ filter: /./, namespace: 'unused' }, ({ path }) => ({
      contents: `module.exports = new Proxy({}, { get: (_, name) => require('${path}')[name] });`,
      resolveDir: projectRoot,
    }));
    bundler.onResolve({ filter: REPEATED }, ({ path }) => ({ path: resolve(path) }));
  },
};

/**
 * Bundles `@opentelemetry/sdk-node` into one file, once per installation. The hundreds of files of the SDK need 0.5 s
 * of CPU time at every start of a program. The bundle needs 0.06 s.
 */
export async function sdkFile(): Promise<string> {
  const installed = readFileSync(join(projectRoot, 'node_modules', '.package-lock.json'));
  const hash = createHash('sha256').update(installed).update(readFileSync(__filename)).digest('hex');
  // Store the bundle inside node_modules, so that it loads the same API package as the programs.
  const folder = join(projectRoot, 'node_modules', '.cache', 'kafka-otel');
  const file = join(folder, `sdk-node-${hash.slice(0, 12)}.cjs`);
  if (existsSync(file)) return file;
  mkdirSync(folder, { recursive: true });
  const unfinished = `${file}.${process.pid}`;
  await build({
    entryPoints: [SDK],
    outfile: unfinished,
    bundle: true,
    minifySyntax: true,
    minifyWhitespace: true,
    platform: 'node',
    external: ['@opentelemetry/api'],
    plugins: [lean],
    logLevel: 'error',
  });
  renameSync(unfinished, file);
  return file;
}
