import fc, { type Arbitrary } from 'fast-check';
import { objectOf, type Shape } from '../values/objects';
import { recipe, type Recipe } from '../values/owned';

/** Parts of programs that are the same for every client library. */

/** A call on a producer or on its transaction. */
export interface Step<Method extends string> {
  readonly method: Method;
  readonly argument: Recipe | undefined;
  /** How the method is called. `detached` means without its object, as after destructuring. */
  readonly manner: 'method' | 'detached' | 'other receiver' | 'two arguments';
  readonly wait: 'awaited' | 'concurrent' | 'forgotten';
}

/** @param usual - weight of a normal call. Each unusual way to call a method has the weight 1 */
export function stepOf<Method extends string>(
  methods: readonly { readonly weight: number; readonly method: Method }[],
  argumentOf: (method: Method) => Arbitrary<Recipe | undefined>,
  usual: number,
): Arbitrary<Step<Method>> {
  return fc
    .oneof(...methods.map(({ weight, method }) => ({ weight, arbitrary: fc.constant(method) })))
    .chain(method =>
      fc.record({
        method: fc.constant(method),
        argument: argumentOf(method),
        manner: fc.oneof(
          { weight: usual, arbitrary: fc.constant('method' as const) },
          fc.constantFrom('detached' as const, 'other receiver' as const, 'two arguments' as const),
        ),
        wait: fc.oneof(
          { weight: 8, arbitrary: fc.constant('awaited' as const) },
          fc.constantFrom('concurrent' as const, 'forgotten' as const),
        ),
      }),
    );
}

export interface RunConfig {
  readonly config: Readonly<Record<string, unknown>>;
  readonly shape: Shape;
  readonly handlers: 'eachMessage' | 'eachBatch' | 'both' | 'none' | { readonly wrong: Recipe };
}

/** @param handler - creates the handler with this name */
export function runConfigOf(
  { config, shape, handlers }: RunConfig,
  handler: (name: string) => Recipe,
): Recipe {
  const chosen: [string, Recipe][] =
    handlers === 'none'
      ? []
      : handlers === 'both'
        ? [['eachMessage', handler('eachMessage')], ['eachBatch', handler('eachBatch')]] // prettier-ignore
        : typeof handlers === 'string'
          ? [[handlers, handler(handlers)]]
          : [['eachMessage', handlers.wrong], ['eachBatch', handler('eachBatch')]]; // prettier-ignore
  const rest = Object.entries(config).map(([name, value]) => [name, recipe(name, [], () => value)] as const);
  return objectOf(shape, [...rest, ...chosen]);
}
