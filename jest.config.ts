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
      // OpenTelemetry's global outlives a test file's own; jest would mention each look at it.
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
      // One real Kafka for the whole run; the tests find it in KAFKA_BROKERS.
      globalSetup: '<rootDir>/test/support/start-kafka.ts',
      globalTeardown: '<rootDir>/test/support/stop-kafka.ts',
    },
  ],
  testTimeout: 120_000,
};

module.exports = config;
