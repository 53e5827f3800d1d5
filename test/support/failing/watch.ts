import type { BatchObservableCallback } from '@opentelemetry/api';
import type { Calls } from './calls';

/** Matches names of fields. Reads of other properties, such as array elements, are counted together as `*`. */
const IDENTIFIER = /^[A-Za-z_]\w*$/;

type Method = (...args: unknown[]) => unknown;

/** Methods whose results are watched too. The value is the name of the result in the counts. */
const WATCHED_RESULTS: Readonly<Record<string, string>> = {
  'tracerProvider.getTracer': 'tracer',
  'tracer.startSpan': 'span',
  'loggerProvider.getLogger': 'logger',
  'meterProvider.getMeter': 'meter',
  'meter.createHistogram': 'histogram',
  'meter.createCounter': 'counter',
  'meter.createObservableGauge': 'gauge',
  'contextManager.active': 'context',
  'context.setValue': 'context',
  'context.deleteValue': 'context',
};

/**
 * Wraps objects in proxies. The proxies report method calls and property reads to `Calls`, which counts them and can
 * make them throw.
 */
export class Watch {
  readonly #watched = new WeakMap<object, object>();
  readonly #callbacks = new WeakMap<object, BatchObservableCallback>();

  constructor(private readonly calls: Calls) {}

  /**
   * Counts method calls as `kind.method`. An object always gets the same proxy, because OpenTelemetry compares contexts
   * by identity.
   */
  methods<Target extends object>(kind: string, target: Target): Target {
    return this.#once(target, () => {
      const watched: Target = new Proxy(target, {
        get: (_, property) => {
          const value: unknown = Reflect.get(target, property, target);
          if (typeof value !== 'function' || typeof property === 'symbol') return value;
          const name = `${kind}.${property}`;
          return (...args: unknown[]) =>
            this.calls.around(name, () => {
              const result: unknown = (value as Method).apply(target, this.#arguments(name, args));
              if (result === target) return watched;
              const resultKind = WATCHED_RESULTS[name];
              return resultKind !== undefined && isObject(result) ? this.methods(resultKind, result) : result;
            });
        },
      });
      return watched;
    });
  }

  /**
   * Counts property reads as `path.property`, also in nested objects. Only this package gets nested proxies. kafkajs
   * gets the original objects.
   */
  reads<Target extends object>(path: string, target: Target): Target {
    return this.#once(
      target,
      () =>
        new Proxy(target, {
          get: (_, property) => {
            const value: unknown = Reflect.get(target, property, target);
            if (typeof value === 'function' || typeof property === 'symbol') return value;
            // Do not count reads of `length`: in an array, they cannot fail.
            if (property === 'length') return value;
            const name = `${path}.${IDENTIFIER.test(property) ? property : '*'}`;
            let read = value;
            this.calls.around(
              name,
              () => value,
              () => {
                if (isObject(value)) read = this.reads(name, value);
              },
            );
            return read;
          },
        }),
    );
  }

  /** Wraps a function of the user that this package calls, for example a hook. */
  call<Args extends unknown[], Result>(name: string, called: (...args: Args) => Result) {
    return (...args: Args): Result => this.calls.around(name, () => called(...args));
  }

  #once<Target extends object>(target: Target, create: () => Target): Target {
    const known = this.#watched.get(target) as Target | undefined;
    if (known) return known;
    const watched = create();
    this.#watched.set(target, watched);
    this.#watched.set(watched, watched);
    return watched;
  }

  /**
   * Returns the arguments for the real method. The callback of an observable metric is replaced by a wrapper that
   * watches the callback's argument. The SDK must get the same wrapper again when the callback is removed.
   */
  #arguments(name: string, args: unknown[]): unknown[] {
    const [callback, ...rest] = args as [BatchObservableCallback, ...unknown[]];
    if (name === 'meter.addBatchObservableCallback') {
      const watched: BatchObservableCallback = result => callback(this.methods('result', result));
      this.#callbacks.set(callback, watched);
      return [watched, ...rest];
    }
    return name === 'meter.removeBatchObservableCallback' ? [this.#callbacks.get(callback), ...rest] : args;
  }
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
