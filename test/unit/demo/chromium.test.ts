import { findChromium } from '../../support/chromium';

test('without a Chromium one sentence says what to install', () => {
  expect(() => findChromium({ PATH: '/nowhere' })).toThrow(
    'There is no Chromium: install it (Debian: apt-get install chromium), or name one with CHROME_PATH.',
  );
  expect(() => findChromium({ PATH: '/nowhere', CHROME_PATH: '/nowhere/chrome' })).toThrow(
    'CHROME_PATH names /nowhere/chrome, where there is no program.',
  );
});

test('CHROME_PATH wins over the PATH', () => {
  expect(findChromium({ PATH: '/usr/bin', CHROME_PATH: process.execPath })).toBe(process.execPath);
});
