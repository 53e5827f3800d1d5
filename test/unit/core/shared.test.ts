import * as original from '../../../src/support/shared-state';

const { shared } = original;

test('every copy of the package in a process sees the same value', () => {
  const mine = shared('test', () => new WeakMap<object, string>());
  const owner = {};
  mine.set(owner, 'kept');

  jest.isolateModules(() => {
    const copy = jest.requireActual<typeof original>('../../../src/support/shared-state');
    expect(copy.shared).not.toBe(shared);
    expect(copy.shared('test', () => new WeakMap<object, string>()).get(owner)).toBe('kept');
    expect(copy.shared('other', () => new WeakMap<object, string>())).not.toBe(mine);
  });
});
