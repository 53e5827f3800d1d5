/** A build plugin. The bundles that it builds hand the Kafka clients in them over to the instrumentation. */
import { createUnplugin } from 'unplugin';
import { CLIENT_LIBRARIES, type ClientLibrary } from './clients/index.js';
import { handOverCode } from './support/handed-over.js';
import { isInRange, owningPackage } from './support/packages.js';

// Types of our own, so that this file compiles with any of the bundlers and without the others.
type RollupPlugin = { readonly name: string };
type EsbuildPlugin = { readonly name: string; setup(build: object): void | Promise<void> };
type WebpackPlugin = { apply(compiler: object): void };

/**
 * For each bundler a function that creates its plugin. The plugin has no options.
 *
 * ```js
 * import kafkaOtel from '@org/kafka-otel/bundler';
 *
 * await build({ entryPoints: ['app.js'], bundle: true, platform: 'node', plugins: [kafkaOtel.esbuild()] });
 * ```
 */
export interface KafkaOtelPlugin {
  readonly esbuild: () => EsbuildPlugin;
  readonly rollup: () => RollupPlugin;
  readonly rolldown: () => RollupPlugin;
  readonly vite: () => RollupPlugin;
  readonly webpack: () => WebpackPlugin;
  readonly rspack: () => WebpackPlugin;
}

/** The client library whose classes are in this file, if it has a version that is traced. */
function libraryIn(id: string): ClientLibrary | undefined {
  // Plugins add queries to the names of files, and a null character to the names of modules that are not files.
  const [path = ''] = id.split('?');
  const file = path.replaceAll('\\', '/');
  if (file.includes('\0')) return undefined;
  const candidates = CLIENT_LIBRARIES.filter(
    ({ innerFile }) => innerFile !== undefined && file.endsWith(`/${innerFile}`),
  );
  if (candidates.length === 0) return undefined;
  const owner = owningPackage(path);
  return candidates.find(
    ({ packageName, supportedVersions }) =>
      owner?.name === packageName && isInRange(owner.version, supportedVersions),
  );
}

function handOver(code: string, id: string): { code: string; map: null } | undefined {
  const library = libraryIn(id);
  // Added at the end, so every position in the file is still right, and there is no new map.
  return library && { code: `${code}\n${handOverCode(library.packageName)}\n`, map: null };
}

const plugin = createUnplugin(() => ({
  name: '@org/kafka-otel/bundler',
  // The added code is CommonJS, as the libraries are, so it has to be there before they are converted.
  enforce: 'pre',
  // A filter of `transform` sees only the path. With esbuild, it would take `src/index.js` of any package from other plugins.
  // eslint-disable-next-line @typescript-eslint/no-deprecated
  transformInclude: id => libraryIn(id) !== undefined,
  transform: handOver,
  rollup: { transform: { order: 'pre', handler: handOver } },
}));

const kafkaOtel: KafkaOtelPlugin = plugin;

export default kafkaOtel;
export const { esbuild, rollup, rolldown, vite, webpack, rspack } = kafkaOtel;
