import type { Config } from 'jest';
import { leftOut } from './test/support/left-out';

const transform: NonNullable<Config['transform']> = {
  '^.+\\.ts$': [
    '@swc/jest',
    { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'commonjs' } },
  ],
};

const testPathIgnorePatterns = ['/node_modules/', ...leftOut()];

const config: Config = {
  projects: [
    {
      displayName: 'unit',
      testEnvironment: 'node',
      // OpenTelemetry's global API outlives a test file; jest would warn about every access to it.
      testEnvironmentOptions: { globalsCleanup: 'off' },
      transform,
      testMatch: ['<rootDir>/test/unit/**/*.test.ts', '<rootDir>/src/**/*.test.ts'],
      testPathIgnorePatterns,
    },
    {
      displayName: 'e2e',
      testEnvironment: 'node',
      transform,
      testMatch: ['<rootDir>/test/e2e/**/*.test.ts'],
      testPathIgnorePatterns,
      // One Kafka for the whole run, in KAFKA_BROKERS.
      globalSetup: '<rootDir>/test/support/start-kafka.ts',
      globalTeardown: '<rootDir>/test/support/stop-kafka.ts',
    },
  ],
  testTimeout: 120_000,
};

module.exports = config;
