import { npm, pnpm, yarnClassic, yarnModules, yarnPnp, type PackageManager } from './managers';

/** A test application that installs this package. */
export interface Consumer {
  readonly name: string;
  readonly manager: PackageManager;
  /** Major version of Node.js. */
  readonly node: number;
  /** Packages to install. Each inner list is one command. `ours` means this package. */
  readonly installs: readonly (readonly string[])[];
  /** Major version of the OpenTelemetry SDK. With `none`, the program runs without telemetry. */
  readonly sdk: '2' | '3' | 'none' | 'newest';
}

/** API 1.9 is the newest API that SDK 2.x accepts. */
const SDK_2 = ['kafkajs', '@opentelemetry/api@~1.9.0', '@opentelemetry/sdk-node@^0.223.0', 'ours'];
const SDK_3 = ['kafkajs', '@opentelemetry/api@^1.10.0', '@opentelemetry/sdk-node@^0.301.0', 'ours'];
/** The installation command of README.md, for a program that already has kafkajs. */
const README = [
  ['kafkajs'],
  ['ours', '@opentelemetry/api', '@opentelemetry/sdk-node', '@opentelemetry/auto-instrumentations-node'],
];

export const CONSUMERS: readonly Consumer[] = [
  { name: 'npm, Node.js 20, SDK 2.x', manager: npm, node: 20, installs: [SDK_2], sdk: '2' },
  { name: 'npm, Node.js 24, SDK 2.x', manager: npm, node: 24, installs: [SDK_2], sdk: '2' },
  { name: 'npm, Node.js 24, SDK 3.x', manager: npm, node: 24, installs: [SDK_3], sdk: '3' },
  { name: 'npm, no SDK', manager: npm, node: 20, installs: [['kafkajs', 'ours']], sdk: 'none' },
  { name: 'as README.md says, Node.js 20', manager: npm, node: 20, installs: README, sdk: 'newest' },
  { name: 'as README.md says, Node.js 24', manager: npm, node: 24, installs: README, sdk: 'newest' },
  { name: 'pnpm', manager: pnpm, node: 20, installs: [SDK_2], sdk: '2' },
  { name: 'yarn 1', manager: yarnClassic, node: 20, installs: [SDK_2], sdk: '2' },
  { name: 'yarn 4, node_modules', manager: yarnModules, node: 20, installs: [SDK_2], sdk: '2' },
  { name: 'yarn 4, PnP', manager: yarnPnp, node: 20, installs: [SDK_2], sdk: '2' },
  { name: 'pnpm, Node.js 24, SDK 3.x', manager: pnpm, node: 24, installs: [SDK_3], sdk: '3' },
  { name: 'yarn 4, PnP, Node.js 24, SDK 3.x', manager: yarnPnp, node: 24, installs: [SDK_3], sdk: '3' },
];

const TYPES = ['@types/node@20'];

/** TypeScript applications. The types of this package must compile with both major versions of the SDK. */
export const TYPED: readonly Consumer[] = [
  { name: 'TypeScript, SDK 2.x', manager: npm, node: 20, installs: [[...SDK_2, ...TYPES]], sdk: '2' },
  { name: 'TypeScript, SDK 3.x', manager: npm, node: 24, installs: [[...SDK_3, ...TYPES]], sdk: '3' },
];
