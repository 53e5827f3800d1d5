// Rows of the tables that come from tests of the repository. The tests run with other versions of the packages that
// they install.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { CONFLUENT_VERSIONS, confluentLab } from '../support/confluent';
import { compareVersions, DEFAULT_KAFKA_VERSION } from '../support/kafka/versions';
import { projectRoot } from '../support/program';
import { installNode } from './install';

const run = promisify(execFile);

/** Decides by the name of a test and of its file whether the test belongs to a column. */
type Belongs = (test: string, file: string) => boolean;

/** A part of the tables: a heading and columns. */
interface Suite {
  readonly title: string;
  readonly rows: readonly SuiteRow[];
  /** A test belongs to the first column that accepts it. */
  readonly columns: Readonly<Record<string, Belongs>>;
}

export interface SuiteRow {
  readonly name: string;
  /** The version in each column. */
  readonly versions: Readonly<Record<string, string>>;
  /** What these versions cannot do. */
  readonly limits?: string;
  /** Arguments for jest. */
  readonly args: readonly string[];
  /**
   * Installs what the tests need.
   *
   * @returns environment variables for the tests
   */
  readonly prepare: () => Promise<Readonly<Record<string, string>>>;
}

export interface SuiteResult {
  /** The text of each cell. */
  readonly cells: Readonly<Record<string, Cell>>;
  /** Failures by column. */
  readonly faults: Readonly<Record<string, readonly string[]>>;
}

/** `–` means that all tests of the column were skipped, because these versions lack the feature. */
type Cell = 'works' | '–' | '**fails**';

const inFiles =
  (...names: readonly string[]): Belongs =>
  (_test, file) =>
    names.includes(basename(file, '.test.ts'));

/** Node.js versions for which the newest client has prebuilt binaries, and Node.js 20. */
const CONFLUENT_NODES = ['18.20.8', '20.20.2', '22.23.3', '24.21.0'] as const;

const CONFLUENT: Suite = {
  title: "Confluent's client",
  rows: Object.values(CONFLUENT_VERSIONS)
    .sort(compareVersions)
    .flatMap(version => CONFLUENT_NODES.map(node => confluentRow(version, node))),
  columns: {
    'large batches': test => test.includes('a batch of all fetched messages:'),
    messages: inFiles('backlog', 'batch', 'configs', 'details', 'journey', 'records', 'sends'),
    transactions: inFiles('transactions'),
    'failing handlers': inFiles('failing'),
    'own trace headers': inFiles('existing'),
    options: inFiles('options'),
    'not sampled, no SDK': inFiles('unrecorded'),
  },
};

function confluentRow(version: string, node: (typeof CONFLUENT_NODES)[number]): SuiteRow {
  return {
    name: `Node ${node}, Confluent's client ${version}, Kafka ${DEFAULT_KAFKA_VERSION}`,
    versions: { 'Node.js': node, client: version, Kafka: DEFAULT_KAFKA_VERSION },
    ...(compareVersions(version, '1.7.0') < 0
      ? { limits: 'before 1.7, a batch has one message at first, and 32 at most' }
      : {}),
    args: ['test/e2e/flow', '--selectProjects', 'e2e'],
    prepare: async () => {
      const executable = await installNode(node);
      await confluentLab({ version, node: executable });
      return { FLOW_CONFLUENT: version, FLOW_NODE: executable };
    },
  };
}

const NESTJS: Suite = {
  title: 'NestJS',
  rows: [
    nestRow('10', ['--config', 'test/loaders/jest.config.cjs', 'test/loaders/nestjs', '-t', '^NestJS 10 ']),
    nestRow('11', ['--config', 'test/loaders/jest.config.cjs', 'test/loaders/nestjs', '-t', '^NestJS 11 ']),
    nestRow('12', ['test/e2e/examples/nestjs', '--selectProjects', 'e2e']),
  ],
  columns: { register: test => test.includes('register'), 'own SDK': test => test.includes('NodeSDK') },
};

function nestRow(major: string, args: readonly string[]): SuiteRow {
  const node = process.versions.node;
  return {
    name: `NestJS ${major}`,
    versions: { 'Node.js': node, NestJS: major, Kafka: DEFAULT_KAFKA_VERSION },
    args,
    prepare: () => Promise.resolve({}),
  };
}

const SUITES: readonly Suite[] = [CONFLUENT, NESTJS];

export const SUITE_ROWS: readonly SuiteRow[] = SUITES.flatMap(({ rows }) => rows);

const suiteOf = (row: SuiteRow): Suite => {
  const suite = SUITES.find(({ rows }) => rows.includes(row));
  if (!suite) throw new Error(`${row.name} belongs to no table`);
  return suite;
};

/** The JSON output of jest. */
interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: 'passed' | 'failed' | 'pending' | 'todo' | 'skipped' | 'disabled';
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

/** Runs the tests of a row. The tests start their own Kafka. */
export async function checkSuite(row: SuiteRow): Promise<SuiteResult> {
  const env = await row.prepare();
  const folder = mkdtempSync(join(tmpdir(), 'compat-'));
  try {
    const file = join(folder, 'report.json');
    await run(
      process.execPath,
      [
        join(projectRoot, 'node_modules/jest/bin/jest.js'),
        ...row.args,
        '--json',
        `--outputFile=${file}`,
        '--silent',
      ],
      {
        cwd: projectRoot,
        env: { ...process.env, KAFKA_BROKERS: '', KAFKA_VERSION: DEFAULT_KAFKA_VERSION, ...env },
        maxBuffer: 64 * 1024 * 1024,
      },
    ).catch((error: unknown) => {
      // The report contains failed tests, so jest's exit code is no problem.
      if (!wasWritten(file)) throw error;
    });
    return resultOf(suiteOf(row), JSON.parse(readFileSync(file, 'utf8')) as Report);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function wasWritten(file: string): boolean {
  try {
    return readFileSync(file, 'utf8') !== '';
  } catch {
    return false;
  }
}

function resultOf({ columns }: Suite, { testResults }: Report): SuiteResult {
  const tests = testResults.flatMap(({ name, assertionResults }) =>
    assertionResults.map(({ fullName, status, failureMessages }) => ({
      column: Object.entries(columns).find(([, belongs]) => belongs(fullName, name))?.[0],
      status,
      failure: failureMessages.length > 0 ? `${fullName}\n${failureMessages.join('\n')}` : undefined,
    })),
  );
  const unloaded = testResults.filter(({ assertionResults }) => assertionResults.length === 0);
  const homeless = tests.filter(({ column }) => column === undefined);
  const byColumn = Object.keys(columns).map(column => {
    const own = tests.filter(test => test.column === column);
    const failures = own.flatMap(({ failure }) => failure ?? []);
    const works = own.some(({ status }) => status === 'passed');
    return { column, failures, cell: cellOf(failures.length > 0, works) };
  });
  return {
    cells: Object.fromEntries(byColumn.map(({ column, cell }) => [column, cell])),
    faults: {
      ...Object.fromEntries(byColumn.map(({ column, failures }) => [column, failures])),
      tests: [
        ...unloaded.map(({ name, message }) => `${name}: ${message}`),
        ...(homeless.length > 0 ? [`${homeless.length} tests belong to no column`] : []),
      ],
    },
  };
}

function cellOf(hasFailed: boolean, works: boolean): Cell {
  if (hasFailed) return '**fails**';
  return works ? 'works' : '–';
}

/** Returns the results as Markdown, with one table per suite. */
export async function suiteTables(results: ReadonlyMap<string, SuiteResult>): Promise<string> {
  const { markdownTable } = await import('markdown-table');
  return SUITES.map(({ title, rows, columns }) => {
    const judged = rows.flatMap(row => {
      const result = results.get(row.name);
      return result ? [{ row, result }] : [];
    });
    const hasLimits = rows.some(({ limits }) => limits !== undefined);
    const head = [
      ...Object.keys(rows[0]?.versions ?? {}),
      ...Object.keys(columns),
      ...(hasLimits ? ['limits of the client itself'] : []),
    ];
    const lines = judged.map(({ row, result }) => [
      ...Object.values(row.versions),
      ...Object.keys(columns).map(column => result.cells[column] ?? '**fails**'),
      ...(hasLimits ? [row.limits ?? '–'] : []),
    ]);
    return lines.length === 0 ? '' : `### ${title}\n\n${markdownTable([head, ...lines])}`;
  })
    .filter(Boolean)
    .join('\n\n');
}
