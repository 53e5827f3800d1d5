/** The exact versions that are tested. */
import type { Runtime } from '../support/runtimes';

export const NODES = ['18.19.1', '18.20.8', '20.6.1', '20.20.2', '22.23.3', '24.21.0', '26.10.0'] as const;

/** The oldest supported release, and the last release of each minor version. kafkajs 1.17 was never released. */
export const KAFKAJS = [
  '1.4.0',
  '1.4.6',
  '1.5.1',
  '1.6.0',
  '1.7.0',
  '1.8.1',
  '1.9.3',
  '1.10.0',
  '1.11.0',
  '1.12.0',
  '1.13.0',
  '1.14.0',
  '1.15.0',
  '1.16.0',
  '2.0.2',
  '2.1.0',
  '2.2.4',
  '2.3.0-beta.3',
] as const;

/** The last release of each minor version. Versions before 3.3 run with ZooKeeper. */
export const KAFKAS = [
  '2.6.3',
  '2.7.2',
  '2.8.2',
  '3.0.2',
  '3.1.2',
  '3.2.3',
  '3.3.2',
  '3.4.1',
  '3.5.2',
  '3.6.2',
  '3.7.2',
  '3.8.1',
  '3.9.2',
  '4.0.2',
  '4.1.2',
  '4.2.2',
  '4.3.1',
  '4.4.0',
] as const;

/** Versions of the OpenTelemetry SDK and API that belong together. */
export interface Line {
  readonly sdk: string;
  readonly api: string;
}

/** SDK 2.x needs an API below 1.10. SDK 3.x needs API 1.10 or newer. */
export const LINES = {
  'oldest 2.x': { sdk: '0.200.0', api: '1.9.0' },
  '2.x': { sdk: '0.223.0', api: '1.9.1' },
  '2.x, oldest API': { sdk: '0.223.0', api: '1.9.0' },
  'oldest 3.x': { sdk: '0.300.0', api: '1.10.0' },
  '3.x': { sdk: '0.301.0', api: '1.10.0' },
} as const satisfies Readonly<Record<string, Line>>;

/** The versions of one row of the table. */
export interface Versions {
  /** A version of Node.js, or another runtime with its version. */
  readonly node: (typeof NODES)[number] | Runtime;
  readonly kafkajs: (typeof KAFKAJS)[number];
  readonly line: keyof typeof LINES;
  readonly kafka: (typeof KAFKAS)[number];
}

/** The default versions. A row changes one or a few of them. */
export const DEFAULTS: Versions = { node: '20.20.2', kafkajs: '2.2.4', line: '2.x', kafka: '4.4.0' };
