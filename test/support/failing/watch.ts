import type { BatchObservableCallback } from '@opentelemetry/api';
import type { Calls } from './calls';

/** Anything else that names a property is an index, a topic or the like. */
const IDENTIFIER = /^[A-Za-z_]\w*$/;

type Method = (...args: unknown[]) => unknown;

/** What a method returns that is watched in turn. */
const GIVES: Readonly<Record<string, string>> = {
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

/** Watches what a round hands out: every method call, and with `reads` every property that is read. */
export class Watch {
  readonly #watched = new WeakMap<object, object>();
  readonly #callbacks = new WeakMap<object, BatchObservableCallback>();

  constructor(private readonly calls: Calls) {}

  /** Calls of an object's methods count as `kind.method`. Watched twice, it is the same: OpenTelemetry compares contexts. */
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
              const given = GIVES[name];
              return given !== undefined && isObject(result) ? this.methods(given, result) : result;
            });
        },
      });
      return watched;
    });
  }

  /**
   * Properties that are read count as `path.property`, to any depth. Only our code gets to see watched parts: kafkajs reads its
   * own objects as they are.
   */
  reads<Target extends object>(path: string, target: Target): Target {
    return this.#once(
      target,
      () =>
        new Proxy(target, {
          get: (_, property) => {
            const value: unknown = Reflect.get(target, property, target);
            if (typeof value === 'function' || typeof property === 'symbol') return value;
            // No array has a getter in this place.
            if (property === 'length') return value;
            const name = `${path}.${IDENTIFIER.test(property) ? property : '*'}`;
            let seen = value;
            this.calls.around(
              name,
              () => value,
              () => {
                if (isObject(value)) seen = this.reads(name, value);
              },
            );
            return seen;
          },
        }),
    );
  }

  /** A function of the program that our code calls, such as a hook. */
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

  /** An observable callback is handed a result, whose `observe` is a call too; it is removed by the callback's identity. */
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
