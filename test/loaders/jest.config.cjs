const { resolve } = require('node:path');

// Run all variants: packages that npm must install first, and bundles as users build them.
process.env.LOADERS = 'all';

/** @type {import('jest').Config} */
module.exports = {
  rootDir: resolve(__dirname, '../..'),
  testEnvironment: 'node',
  transform: { '^.+\\.ts$': '<rootDir>/test/support/typescript.cjs' },
  testMatch: ['<rootDir>/test/loaders/**/*.test.ts', '<rootDir>/test/e2e/loaders/**/*.test.ts'],
  globalSetup: '<rootDir>/test/support/start-kafka.ts',
  globalTeardown: '<rootDir>/test/support/stop-kafka.ts',
  testTimeout: 300_000,
};
