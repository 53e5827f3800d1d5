const { availableParallelism } = require('node:os');

// Node.js itself loads this, in every version; tsx runs what it takes from the tests' TypeScript.
const unregister = require('tsx/cjs/api').register();
const { leftOut } = require('./test/support/left-out.ts');
unregister();

const shared = {
  testEnvironment: 'node',
  transform: { '^.+\\.ts$': '<rootDir>/test/support/typescript.cjs' },
  testPathIgnorePatterns: ['/node_modules/', ...leftOut()],
};

/** @type {import('jest').Config} */
module.exports = {
  projects: [
    {
      ...shared,
      displayName: 'unit',
      // OpenTelemetry's global outlives a test file's own; jest would mention each look at it.
      testEnvironmentOptions: { globalsCleanup: 'off' },
      testMatch: ['<rootDir>/test/unit/**/*.test.ts', '<rootDir>/src/**/*.test.ts'],
      globalSetup: '<rootDir>/test/support/make-sdk-files.ts',
    },
    {
      ...shared,
      displayName: 'e2e',
      testMatch: ['<rootDir>/test/e2e/**/*.test.ts'],
      // One real Kafka for the whole run; the tests find it in KAFKA_BROKERS.
      globalSetup: '<rootDir>/test/support/start-kafka.ts',
      globalTeardown: '<rootDir>/test/support/stop-kafka.ts',
    },
  ],
  // Longer than the deadlines of single steps, which say what did not happen.
  testTimeout: 240_000,
  // Most tests wait for Kafka and for their programs, so more workers than cores keep the cores busy.
  maxWorkers: availableParallelism() * 2,
  testSequencer: '<rootDir>/test/support/longest-first.cjs',
  // A worker keeps something of each file that it has run; above this it is replaced between two files.
  workerIdleMemoryLimit: '300MB',
};
