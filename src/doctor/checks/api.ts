import { dirname } from 'node:path';
import { ok, problem, warning, type Finding } from '../finding';
import { findPackage } from '../packages';
import type { Program } from '../program';
import { isAtLeast, parseVersion } from '../versions';

const API = '@opentelemetry/api';

/**
 * The API package joins instrumentations and SDK through one global. Whoever registers there sets its version, and a copy
 * with a later minor version refuses what it finds: its spans are no-ops, without a word.
 */
export function checkApi(program: Program): Finding[] {
  const { own, sdk, start, shown } = program;
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
  const theirs = sdk && findPackage(API, sdk.folder);
  if (theirs && theirs.folder !== ours.folder) {
    const [, minor] = parseVersion(ours.version);
    const [, theirMinor] = parseVersion(theirs.version);
    if (minor > theirMinor)
      return [
        problem(
          'api.newer',
          `this package has ${API} ${ours.version} (${shown(ours.folder)}), the SDK an older copy, ${theirs.version}: spans would be no-ops`,
          `Have one copy: run \`npm dedupe\`, and pin ${API} to ${theirs.version} if that does not help.`,
        ),
      ];
  }
  const others = program
    .copies(API)
    .filter(({ folder }) => folder !== ours.folder && folder !== theirs?.folder);
  const newer = others.find(({ version }) => !isAtLeast((theirs ?? ours).version, ...withoutPatch(version)));
  if (newer)
    return [
      ok('api.ok', `${API} ${ours.version}`),
      warning(
        'api.copies',
        `another copy, ${newer.version} (${shown(newer.folder)}), is newer than the SDK's: the spans of whatever uses it are no-ops, and so missing as parents`,
        'Have one copy: run `npm dedupe`.',
      ),
    ];
  return [
    ok(
      'api.ok',
      `${API} ${ours.version}${others.length > 0 ? `, and ${others.length} more that agree with it` : ''}`,
    ),
  ];
}

const withoutPatch = (version: string) => {
  const [major, minor] = parseVersion(version);
  return [major, minor, 0] as const;
};
