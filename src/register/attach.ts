import { Hook, type OnRequireFn } from 'require-in-the-middle';
import { CLIENT_LIBRARIES } from '../clients';
import { KafkaInstrumentation } from '../instrumentation';
import { loadedCopies } from '../support/packages';

/**
 * Installs the instrumentation when a client library is loaded, and not before. The base class's require hook remembers
 * every module that passes through it, patched or not. Made too early, it would see `http` before the instrumentations of
 * an SDK that the program starts later, and those would never patch it. This hook looks at client libraries alone.
 */
export function attachToClients(): void {
  const isLoaded = CLIENT_LIBRARIES.some(
    ({ packageName, innerFile = '', supportedVersions }) =>
      loadedCopies(packageName, innerFile, supportedVersions).length > 0,
  );
  if (isLoaded) {
    new KafkaInstrumentation();
    return;
  }
  const packageNames = CLIENT_LIBRARIES.map(({ packageName }) => packageName);
  const modules = CLIENT_LIBRARIES.flatMap(({ packageName, innerFile }) =>
    innerFile === undefined ? [packageName] : [packageName, `${packageName}/${innerFile}`],
  );
  let instrumentation: KafkaInstrumentation | undefined;
  const onLoad = (exports: unknown, name: string): unknown => {
    if (!modules.includes(name)) return exports;
    if (instrumentation) return instrumentation.instrumentModule(exports);
    // Enabled only when it knows this module, which it would else report as loaded too early.
    instrumentation = new KafkaInstrumentation({ enabled: false });
    instrumentation.instrumentModule(exports);
    instrumentation.enable();
    return exports;
  };
  new Hook(packageNames, { internals: true }, onLoad as OnRequireFn);
}
