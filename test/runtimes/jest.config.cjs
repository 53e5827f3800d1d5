const { resolve } = require('node:path');

/** @type {import('jest').Config} */
module.exports = {
  rootDir: resolve(__dirname, '../..'),
  testEnvironment: 'node',
  transform: { '^.+\\.ts$': '<rootDir>/test/support/typescript.cjs' },
  testMatch: ['<rootDir>/test/runtimes/**/*.test.ts'],
  globalSetup: '<rootDir>/test/support/start-kafka.ts',
  globalTeardown: '<rootDir>/test/support/stop-kafka.ts',
  testTimeout: 300_000,
};
