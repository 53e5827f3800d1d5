import { ROOT_CONTEXT, createContextKey, type Context } from '@opentelemetry/api';
import fc from 'fast-check';
import { layered } from '../../../src/propagation/layered';

const KEYS = ['a', 'b', 'c'].map(name => createContextKey(`layered.test.${name}`));

/** A key and its new value, or nothing to delete it. */
type Change = readonly [key: number, value: number | undefined];

const changes = fc.array(fc.tuple(fc.nat(KEYS.length - 1), fc.option(fc.integer(), { nil: undefined })), {
  maxLength: 60,
});

const changed = (context: Context, [at, value]: Change): Context => {
  const key = KEYS[at] ?? Symbol();
  return value === undefined ? context.deleteValue(key) : context.setValue(key, value);
};
const valuesIn = (context: Context) => KEYS.map(key => context.getValue(key));

describe('a layered context', () => {
  test('holds at each step what the one of the API holds, and keeps it', () => {
    fc.assert(
      fc.property(changes, changes, (before, after) => {
        const base = before.reduce(changed, ROOT_CONTEXT);
        const ours: Context[] = [layered(base)];
        const theirs: Context[] = [base];
        for (const change of after) {
          ours.push(changed(ours.at(-1) ?? ROOT_CONTEXT, change));
          theirs.push(changed(theirs.at(-1) ?? ROOT_CONTEXT, change));
        }
        expect(ours.map(valuesIn)).toEqual(theirs.map(valuesIn));
      }),
    );
  });

  test('does not grow without a bound', () => {
    let context = layered(ROOT_CONTEXT);
    for (let turn = 0; turn < 1000; turn++) context = context.setValue(KEYS[turn % 3] ?? Symbol(), turn);
    let layers = 0;
    for (let at: unknown = context; at; at = (at as { below?: unknown }).below) layers++;
    expect(layers).toBeLessThan(20);
    expect(valuesIn(context)).toEqual([999, 997, 998]);
  });

  test('is made once', () => {
    const once = layered(ROOT_CONTEXT);
    expect(layered(once)).toBe(once);
  });
});
