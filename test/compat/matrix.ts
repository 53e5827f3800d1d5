import { isDeepStrictEqual } from 'node:util';
import { isRuntime, RUNTIMES } from '../support/runtimes';
import { DEFAULTS, KAFKAJS, KAFKAS, LINES, NODES, type Versions } from './versions';

/** A combination of versions, and which part of the combination the row tests. */
export interface Row extends Versions {
  readonly about: keyof Versions | 'runtime' | 'pair';
}

const row = (about: Row['about'], versions: Partial<Versions>): Row => ({ about, ...DEFAULTS, ...versions });

/** Combinations of versions that fail more likely than each of these versions alone. */
const PAIRS: readonly Partial<Versions>[] = [
  { node: '18.19.1', kafkajs: '1.8.1' },
  { node: '26.10.0', kafkajs: '1.8.1' },
  { node: '26.10.0', kafkajs: '1.4.0', kafka: '3.9.2' },
  { kafkajs: '1.4.0', kafka: '2.6.3' },
  { kafkajs: '1.12.0', kafka: '2.6.3' },
  { kafkajs: '1.16.0', kafka: '2.8.2' },
  { kafkajs: '1.16.0', kafka: '3.9.2' },
  { kafkajs: '2.3.0-beta.3', kafka: '2.6.3' },
  { node: '18.19.1', line: 'oldest 2.x', kafkajs: '1.4.0', kafka: '2.6.3' },
  { node: '22.23.3', line: '3.x' },
  { node: '24.21.0', line: '3.x', kafkajs: '2.3.0-beta.3' },
  { node: '26.10.0', line: '3.x', kafkajs: '2.3.0-beta.3' },
  { node: '26.10.0', line: 'oldest 2.x' },
];

/** Releases of kafkajs that do not fully work with Kafka 4. They are also tested with Kafka 3.9. */
const OLD_KAFKAJS = ['1.4.0', '1.4.6', '1.5.1', '1.6.0', '1.7.0'] as const;

const lines = Object.keys(LINES) as (keyof typeof LINES)[];

/** SDK 3.x needs Node.js 22.15 or newer. npm would only log a warning for an older version. */
const nodeFor = (line: keyof typeof LINES): Versions['node'] =>
  line.endsWith('3.x') ? '24.21.0' : DEFAULTS.node;

/** Returns each version together with the default versions of everything else, and the risky combinations. */
export function matrix(): Row[] {
  const rows = [
    ...NODES.map(node => row('node', { node })),
    ...KAFKAJS.map(kafkajs => row('kafkajs', { kafkajs })),
    ...OLD_KAFKAJS.map(kafkajs => row('kafkajs', { kafkajs, kafka: '3.9.2' })),
    ...lines.map(line => row('line', { line, node: nodeFor(line) })),
    ...KAFKAS.map(kafka => row('kafka', { kafka })),
    ...RUNTIMES.map(node => row('runtime', { node })),
    ...PAIRS.map(pair => row('pair', pair)),
  ];
  return [...new Map(rows.map(one => [nameOf(one), one])).values()];
}

/** True if a row belongs to a part of the table. The row with all default versions belongs to every part. */
export const belongsTo = (part: Row['about'], { about, ...versions }: Row): boolean =>
  about === part || (part !== 'pair' && part !== 'runtime' && isDeepStrictEqual(versions, DEFAULTS));

/** The name of a row, for `--only` and for messages. */
export const nameOf = ({ node, kafkajs, line, kafka }: Versions): string =>
  `${isRuntime(node) ? node : `Node ${node}`}, kafkajs ${kafkajs}, OpenTelemetry ${line}, Kafka ${kafka}`;
