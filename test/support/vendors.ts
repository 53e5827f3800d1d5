import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from './kafka/maven';

/**
 * Packages of other vendors that programs use together with this package, in the latest release of each major version
 * in use. They are no dev dependencies, because dd-trace is large.
 */
export const VENDORS = [
  'dd-trace@5.132.0',
  'dd-trace@6.21.0',
  '@sentry/node@9.47.2',
  '@sentry/node@10.78.0',
  '@sentry/node@11.12.0',
  // The last major version for Node.js 20.
  'newrelic@13.9.2',
  'newrelic@14.5.1',
  'elastic-apm-node@4.18.0',
  'signal-exit@3.0.7',
  'signal-exit@4.1.0',
] as const;

/** The most widely used loggers. */
export const LOGGERS = ['pino@10.4.0', 'winston@3.19.0'] as const;

export type Vendor = (typeof VENDORS)[number] | (typeof LOGGERS)[number];

/** The Node.js for packages that do not work with the oldest Node.js on which the tests run. */
const NEWER_NODE = `node-${process.platform}-${process.arch}@24.21.0`;

const CACHE = join(cacheFolder(process.env), 'vendors');

const folderOf = (name: string): string => join(CACHE, name.replace('/', '+'));

/** Returns the folder of a vendor's package. Installs the package at the first use, and keeps it for later runs. */
export const vendorFolder = (vendor: Vendor): string => installed(vendor);

/**
 * The Node.js executable for a vendor's package. `undefined` if the package works with the Node.js that runs the tests.
 */
export const nodeOf = (vendor: Vendor): string | undefined =>
  vendor.startsWith('newrelic@14.') ? join(installed(NEWER_NODE), 'bin/node') : undefined;

function installed(vendor: string): string {
  const folder = folderOf(vendor);
  if (!existsSync(folder)) install(vendor, folder);
  return join(folder, 'node_modules', vendor.slice(0, vendor.lastIndexOf('@')));
}

/**
 * Installs into a temporary folder and then renames the folder, because other tests may install the same package at the
 * same time.
 */
function install(vendor: string, folder: string): void {
  mkdirSync(CACHE, { recursive: true });
  const part = mkdtempSync(join(CACHE, '.part-'));
  try {
    writeFileSync(join(part, 'package.json'), '{ "private": true }');
    npm(part, 'install', '--ignore-scripts', '--omit=optional', '--no-audit', '--no-fund', vendor);
    if (!existsSync(folder)) renameSync(part, folder);
  } finally {
    rmSync(part, { recursive: true, force: true });
  }
}

/** @throws Error if a package is not installed and npm cannot reach the registry */
export function findVendors(): void {
  const missing = [...VENDORS, ...LOGGERS, NEWER_NODE].find(vendor => !existsSync(folderOf(vendor)));
  if (missing === undefined) return;
  try {
    npm(__dirname, 'view', missing, 'version', '--fetch-retries=0', '--fetch-timeout=5000');
  } catch {
    throw new Error(
      'A package that these tests use (such as dd-trace, @sentry/node or pino) is not installed, and npm cannot reach its registry. Run the tests once with a connection to the registry.',
    );
  }
}

function npm(folder: string, ...args: readonly string[]): void {
  execFileSync('npm', [...args, '--loglevel=error'], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
}
