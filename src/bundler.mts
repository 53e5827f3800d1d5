/**
 * A plugin for bundlers. It adds code to a bundle. At run time, this code passes the bundled Kafka clients to the
 * instrumentation.
 */
import { createUnplugin } from 'unplugin';
import { CLIENT_LIBRARIES, type ClientLibrary } from './clients/index.js';
import { handOverCode } from './support/handed-over.js';
import { isInRange, owningPackage } from './support/packages.js';

// These types are declared here, so that this file compiles even if no bundler is installed.
type RollupPlugin = { readonly name: string };
type EsbuildPlugin = { readonly name: string; setup(build: object): void | Promise<void> };
type WebpackPlugin = { apply(compiler: object): void };

/**
 * Contains one function for each bundler. The function creates the plugin and takes no options.
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

/**
 * Returns the client library that exports its classes from this file. `undefined` for other files and for unsupported
 * versions.
 */
function libraryIn(id: string): ClientLibrary | undefined {
  // Other plugins append queries to file names. The ids of modules that are not files contain a null character.
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
  // Code at the end of a file moves no other line, so the existing source map stays correct.
  return library && { code: `${code}\n${handOverCode(library.packageName)}\n`, map: null };
}

const plugin = createUnplugin(() => ({
  name: '@org/kafka-otel/bundler',
  // The added code is CommonJS, like the client libraries. So this plugin must run before the bundler converts
  // CommonJS.
  enforce: 'pre',
  // Deprecated, but its replacement, a `filter` on `transform`, can check only the path. With esbuild, other plugins would
  // then not see the file `src/index.js` of any package.
  // eslint-disable-next-line @typescript-eslint/no-deprecated
  transformInclude: id => libraryIn(id) !== undefined,
  transform: handOver,
  rollup: { transform: { order: 'pre', handler: handOver } },
}));

const kafkaOtel: KafkaOtelPlugin = plugin;

export default kafkaOtel;
export const { esbuild, rollup, rolldown, vite, webpack, rspack } = kafkaOtel;
