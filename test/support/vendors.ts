import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** What programs have beside this package, in every major release that is in use. Not among the dependencies: dd-trace is large. */
export const VENDORS = [
  'dd-trace@5.132.0',
  'dd-trace@6.21.0',
  '@sentry/node@10.78.0',
  '@sentry/node@11.12.0',
  'signal-exit@3.0.7',
  'signal-exit@4.1.0',
] as const;

export type Vendor = (typeof VENDORS)[number];

const LAB = resolve(__dirname, '../../.cache/vendors');

const folderOf = (vendor: Vendor): string => join(LAB, vendor.replace('/', '+'));

/** The folder of a vendor's package, which the first test that asks for it installs; later runs find it again. */
export function vendorFolder(vendor: Vendor): string {
  const folder = folderOf(vendor);
  if (!existsSync(folder)) install(vendor, folder);
  return join(folder, 'node_modules', vendor.slice(0, vendor.lastIndexOf('@')));
}

/** Whole, or not there: other tests may install the same one at the same time. */
function install(vendor: Vendor, folder: string): void {
  mkdirSync(LAB, { recursive: true });
  const part = mkdtempSync(join(LAB, '.part-'));
  try {
    writeFileSync(join(part, 'package.json'), '{ "private": true }');
    npm(part, 'install', '--ignore-scripts', '--omit=optional', '--no-audit', '--no-fund', vendor);
    if (!existsSync(folder)) renameSync(part, folder);
  } finally {
    rmSync(part, { recursive: true, force: true });
  }
}

/** @throws Error unless all vendors are installed or can be */
export function findVendors(): void {
  const missing = VENDORS.find(vendor => !existsSync(folderOf(vendor)));
  if (missing === undefined) return;
  try {
    npm(__dirname, 'view', missing, 'version', '--fetch-retries=0', '--fetch-timeout=5000');
  } catch {
    throw new Error('dd-trace, Sentry and signal-exit are installed from npm, which cannot be reached.');
  }
}

function npm(folder: string, ...args: readonly string[]): void {
  execFileSync('npm', [...args, '--loglevel=error'], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
}
