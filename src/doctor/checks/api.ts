import { dirname } from 'node:path';
import { ok, problem, warning, type Finding } from '../finding';
import { findPackage, type Package } from '../packages';
import type { Program } from '../program';
import { isAtLeast, parseVersion } from '../versions';

const API = '@opentelemetry/api';

export function checkApi(program: Program): Finding[] {
  const { own, sdk, start } = program;
  // The bundle has its own.
  if (program.wiring?.kind === 'inlined') return [];
  const ours = findPackage(API, own?.folder ?? dirname(start.entry));
  if (!ours) return [problem('api.missing', `${API} is not installed`, `Run \`npm install ${API}\`.`)];
  if (!isAtLeast(ours.version, 1, 9, 0) || isAtLeast(ours.version, 2, 0, 0))
    return [
      problem(
        'api.version',
        `${API} ${ours.version} is not supported: 1.9 or a later 1.x is needed`,
        `Run \`npm install ${API}@^1.9.0\`.`,
      ),
    ];
  const theirs = (sdk && findPackage(API, sdk.folder)) ?? ours;
  return [
    disagreement(program, ours, theirs) ?? ok('api.ok', `${API} ${ours.version}`),
    ...strangers(program, ours, theirs),
  ];
}

/**
 * The API package joins instrumentations and SDK through one global of the process. Whoever registers first sets its
 * version: another version cannot register then, and one with a later minor version finds nothing but no-ops.
 */
function disagreement({ startsSdk, shown }: Program, ours: Package, theirs: Package): Finding | undefined {
  // `register` sets its logger first, before its SDK has registered anything.
  const isRefused = startsSdk ? ours.version !== theirs.version : isLaterMinor(ours.version, theirs.version);
  if (!isRefused) return undefined;
  return problem(
    'api.versions',
    `${API} is there twice, in versions that cannot work together: ${ours.version} (${shown(ours.folder)}) and the SDK's ${theirs.version} (${shown(theirs.folder)})`,
    `Have one copy: run \`npm dedupe\`, or pin ${API} to ${theirs.version}.`,
  );
}

function strangers(program: Program, ours: Package, theirs: Package): Finding[] {
  const newer = program
    .copies(API)
    .find(
      ({ folder, version }) =>
        folder !== ours.folder && folder !== theirs.folder && isLaterMinor(version, theirs.version),
    );
  if (!newer) return [];
  return [
    warning(
      'api.copies',
      `another copy of ${API}, ${newer.version} (${program.shown(newer.folder)}), is newer than the SDK's: spans made with it are no-ops, and so missing as parents`,
      'Have one copy: run `npm dedupe`.',
    ),
  ];
}

function isLaterMinor(one: string, other: string): boolean {
  return parseVersion(one)[1] > parseVersion(other)[1];
}
