import { ok, problem, type Finding } from '../finding';
import type { Program } from '../program';
import { isAtLeast, parseVersion } from '../versions';

export function checkNode({ nodeVersion, sdk }: Program): Finding[] {
  const [major] = parseVersion(nodeVersion);
  const isSupported = isAtLeast(nodeVersion, 20, 6, 0) || (major === 18 && isAtLeast(nodeVersion, 18, 19, 0));
  if (!isSupported)
    return [
      problem(
        'node.old',
        `Node.js ${nodeVersion} is not supported`,
        'Use Node.js 18.19 or later, or 20.6 or later.',
      ),
    ];
  const needed = sdk?.manifest.engines?.node ?? '';
  if (sdk && needed.startsWith('>=') && !isAtLeast(nodeVersion, ...parseVersion(needed)))
    return [
      problem(
        'node.sdk',
        `${sdk.name} ${sdk.version} needs Node.js ${needed}, this is ${nodeVersion}`,
        'Use a newer Node.js, or the 2.x line of the SDK (@opentelemetry/sdk-node 0.2xx).',
      ),
    ];
  return [ok('node.ok', `Node.js ${nodeVersion}`)];
}
