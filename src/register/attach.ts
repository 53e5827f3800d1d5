import { Hook, type OnRequireFn } from 'require-in-the-middle';
import { KafkaJsInstrumentation } from '../instrumentation';
import { loadedBefore } from '../kafkajs/loaded';

/**
 * Installs the instrumentation when kafkajs is loaded, and not before. The base class's require hook remembers every module
 * that passes through it, patched or not: made too early, it would see `http` before the instrumentations of an SDK that the
 * program starts later, and those would never get theirs. This hook looks at kafkajs alone.
 */
export function attachToKafkaJs(): void {
  if (loadedBefore().length > 0) {
    new KafkaJsInstrumentation();
    return;
  }
  let instrumentation: KafkaJsInstrumentation | undefined;
  const onLoad = (exports: unknown, name: string): unknown => {
    if (name !== 'kafkajs' && name !== 'kafkajs/src/index.js') return exports;
    if (instrumentation) return instrumentation.instrumentModule(exports);
    // Switched on only once it knows this module, which it would else take for one that was loaded too early.
    instrumentation = new KafkaJsInstrumentation({ enabled: false });
    instrumentation.instrumentModule(exports);
    instrumentation.enable();
    return exports;
  };
  new Hook(['kafkajs'], { internals: true }, onLoad as OnRequireFn);
}
