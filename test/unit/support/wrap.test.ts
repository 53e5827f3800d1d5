import shimmer from 'shimmer';
import { wrapMethod, type Method, type Methods } from '../../../src/support/wrap';

const passing =
  (original: Method): Method =>
  (...args) =>
    original(...args);

describe('a wrapped method', () => {
  test('keeps its name and its number of parameters', () => {
    const owner = { send: (record: unknown, more: unknown) => [record, more] };
    wrapMethod(owner, 'send', passing);
    expect([owner.send.name, owner.send.length, owner.send(1, 2)]).toEqual(['send', 2, [1, 2]]);
  });

  test('is as visible as before', () => {
    class Kafka {
      producer() {
        return 'producer';
      }
    }
    const prototype = Kafka.prototype as unknown as Methods;
    wrapMethod(prototype, 'producer', passing);
    expect(Object.keys(prototype)).toEqual([]);
    const owner = { send: () => 'sent' };
    wrapMethod(owner, 'send', passing);
    expect(Object.keys(owner)).toEqual(['send']);
  });

  test('has no mark that makes another instrumentation remove it', () => {
    const owner = { send: () => 'sent' };
    wrapMethod(owner, 'send', passing);
    expect(owner.send).not.toHaveProperty('__wrapped');
    shimmer.wrap(owner, 'send', original => () => `outer ${original()}`);
    expect(owner.send()).toBe('outer sent');
  });

  test('is restored', () => {
    const original = () => 'sent';
    const owner = { send: original };
    wrapMethod(owner, 'send', passing)();
    expect(owner.send).toBe(original);
  });

  test('is restored once, and not underneath a later wrapper', () => {
    const original = () => 'sent';
    const owner = { send: original };
    const undo = wrapMethod(owner, 'send', passing);
    const ours = owner.send;
    const outer = () => `outer ${ours()}`;
    owner.send = outer;
    undo();
    expect(owner.send).toBe(outer);
    owner.send = ours;
    undo();
    undo();
    expect(owner.send).toBe(original);
  });

  test.each([
    ['missing', undefined],
    ['a string', 'text'],
    ['null', null],
  ])('that is %s is not changed', (_what, value) => {
    // prettier-ignore
    const owner: Methods = { send: value };
    wrapMethod(owner, 'send', passing)();
    expect(owner).toEqual({ send: value });
  });
});
