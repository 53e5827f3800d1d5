import { leftOut } from '../../support/left-out';

test('no test is skipped on CI', () => {
  expect(leftOut({ CI: 'true' })).toEqual([]);
});
