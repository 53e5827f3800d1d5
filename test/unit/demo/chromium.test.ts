import { findChromium } from '../../support/chromium';

test('the error without Chromium says what to install', () => {
  expect(() => findChromium({ PATH: '/nowhere' })).toThrow(
    'Chromium was not found. Install it (Debian: apt-get install chromium) or set CHROME_PATH to its executable.',
  );
  expect(() => findChromium({ PATH: '/nowhere', CHROME_PATH: '/nowhere/chrome' })).toThrow(
    'CHROME_PATH is /nowhere/chrome, which is not an executable file. Set it to the path of Chromium.',
  );
});

test('CHROME_PATH wins over the PATH', () => {
  expect(findChromium({ PATH: '/usr/bin', CHROME_PATH: process.execPath })).toBe(process.execPath);
});
