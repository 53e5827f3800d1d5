import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { install, type Installation } from './installation';
import { rotated } from './rotated';
import { estimatedRow, type Row } from '../row';

interface Loaded {
  readonly cpu: number;
  /** Time since the process started, in ms. */
  readonly wall: number;
  readonly modules: number;
}

interface Setup {
  readonly required: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly hasAuto?: boolean;
}

const BY_HAND = './by-hand.cjs';
const PACKAGE = '@org/kafka-otel';
const REGISTER = `${PACKAGE}/register`;

const SETUPS = {
  empty: { required: [] },
  package: { required: [PACKAGE] },
  sdk: { required: [BY_HAND] },
  sdkAndPackage: { required: [BY_HAND], env: { BENCH_WITH: 'package' } },
  register: { required: [REGISTER] },
  auto: { required: [BY_HAND], env: { BENCH_WITH: 'auto' }, hasAuto: true },
  registerWithAuto: { required: [REGISTER], hasAuto: true },
} satisfies Record<string, Setup>;

type Name = keyof typeof SETUPS;

/** The differences to report: the value of `of` minus the value of `to`. */
const ADDED: readonly (readonly [what: string, of: Name, to: Name])[] = [
  ['the import of the package adds to an empty program', 'package', 'empty'],
  ['`register` with `sdk-node` adds to an empty program', 'register', 'empty'],
  ['a program that starts `sdk-node` itself, compared with an empty one', 'sdk', 'empty'],
  ['this package, added to a program that starts `sdk-node` itself', 'sdkAndPackage', 'sdk'],
  ['`register`, compared with a program that starts `sdk-node` itself', 'register', 'sdk'],
  ['`register`, compared with a program that starts all instrumentations itself', 'registerWithAuto', 'auto'],
];

const run = promisify(execFile);

/** Starts the empty program once per round with each setup. Differences are computed within a round. */
export async function loadingRows(rounds: number, onRound: (round: number) => void): Promise<Row[]> {
  const peers = ['@opentelemetry/api', '@opentelemetry/sdk-node', 'kafkajs'];
  const programs = ['program.cjs', 'by-hand.cjs'];
  const plain = install(peers, programs);
  const full = install([...peers, '@opentelemetry/auto-instrumentations-node'], programs);
  try {
    const taken: Record<Name, Loaded>[] = [];
    for (let round = 0; round < rounds; round++) {
      const names = rotated(Object.keys(SETUPS) as Name[], round);
      const entries: [Name, Loaded][] = [];
      for (const name of names) {
        const setup: Setup = SETUPS[name];
        entries.push([name, await load(setup.hasAuto ? full : plain, setup)]);
      }
      taken.push(Object.fromEntries(entries) as Record<Name, Loaded>);
      onRound(round);
    }
    return (await Promise.all(ADDED.map(([what, of, to]) => added(what, taken, of, to)))).flat();
  } finally {
    plain.remove();
    full.remove();
  }
}

async function load({ folder }: Installation, { required, env }: Setup): Promise<Loaded> {
  const { stdout } = await run(
    process.execPath,
    [...required.flatMap(file => ['--require', file]), 'program.cjs'],
    { cwd: folder, env: { PATH: process.env['PATH'], ...env } },
  );
  return JSON.parse(stdout) as Loaded;
}

async function added(
  what: string,
  rounds: readonly Record<Name, Loaded>[],
  of: Name,
  to: Name,
): Promise<Row[]> {
  const rows = FIELDS.map(([label, field, unit]) =>
    estimatedRow(
      `${what}: ${label}`,
      unit,
      rounds.map(round => round[of][field] - round[to][field]),
    ),
  );
  return (await Promise.all(rows)).flat();
}

const FIELDS = [
  ['CPU', 'cpu', 'ms'],
  ['time', 'wall', 'ms'],
  ['modules', 'modules', 'modules'],
] as const;
