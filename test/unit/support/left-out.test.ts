import { leftOut } from '../../support/left-out';

test('on a CI machine no test is left out', () => {
  expect(leftOut({ CI: 'true' })).toEqual([]);
});
