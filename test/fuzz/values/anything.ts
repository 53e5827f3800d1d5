import fc, { type Arbitrary } from 'fast-check';
import { containers, oddities } from './objects';
import { recipe, owning, type Recipe } from './owned';

/** Generates any value, to use where kafkajs expects a specific type. */
export function anything(): Arbitrary<Recipe> {
  return fc.oneof(
    { weight: 4, arbitrary: primitives() },
    { weight: 2, arbitrary: binary() },
    { weight: 4, arbitrary: containers(primitives()) },
    { weight: 3, arbitrary: oddities() },
  );
}

export function primitives(): Arbitrary<Recipe> {
  const shown = (value: unknown): string =>
    typeof value === 'string'
      ? JSON.stringify(value)
      : typeof value === 'bigint'
        ? `${value}n`
        : String(value);
  return fc
    .oneof(
      fc.constantFrom<unknown>(
        undefined,
        null,
        true,
        false,
        NaN,
        Infinity,
        -0,
        0,
        1,
        -1,
        99,
        1.5,
        '',
        '0',
        10n,
      ),
      fc.integer(),
      fc.string({ maxLength: 8 }),
      fc.constant(Symbol.for('a symbol')),
    )
    .map(value =>
      recipe(
        shown(value),
        [
          value === undefined || value === null
            ? 'missing'
            : typeof value === 'symbol'
              ? 'symbol'
              : 'primitive',
        ],
        () => value,
      ),
    );
}

export function binary(): Arbitrary<Recipe> {
  const few = fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 6 });
  return fc.oneof(
    {
      weight: 4,
      arbitrary: few.map(bytes =>
        owning(`Buffer.from([${bytes.join()}])`, ['Buffer'], () => Buffer.from(bytes)),
      ),
    },
    few.map(bytes => owning(`Uint8Array.of(${bytes.join()})`, ['typed array'], () => Uint8Array.from(bytes))),
    few.map(bytes =>
      owning(`Float64Array.of(${bytes.join()})`, ['typed array'], () => Float64Array.from(bytes)),
    ),
    fc.constant(owning('new ArrayBuffer(4)', ['typed array'], () => new ArrayBuffer(4))),
  );
}

/** Generates a string or a Buffer of ten megabytes. */
export function tenMegabytes(): Arbitrary<Recipe> {
  const size = 10 * 2 ** 20;
  return fc.constantFrom(
    recipe("'x'.repeat(10 MiB)", ['10 MB'], () => 'x'.repeat(size)),
    owning('Buffer.alloc(10 MiB)', ['10 MB'], () => Buffer.alloc(size, 1)),
  );
}
