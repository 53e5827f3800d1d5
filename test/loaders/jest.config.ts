import type { Config } from 'jest';
import { resolve } from 'node:path';

// All loader tests, including those that install packages from npm first.
process.env['LOADERS'] = 'all';

const root = resolve(__dirname, '../..');

const config: Config = {
  rootDir: root,
  testEnvironment: 'node',
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'commonjs' } },
    ],
  },
  testMatch: ['<rootDir>/test/loaders/**/*.test.ts', '<rootDir>/test/e2e/loaders/**/*.test.ts'],
  globalSetup: '<rootDir>/test/support/start-kafka.ts',
  globalTeardown: '<rootDir>/test/support/stop-kafka.ts',
  testTimeout: 300_000,
};

module.exports = config;
