import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import * as rules from './workflow-rules';

const ROOT = join(__dirname, '../../..');
const folder = join(ROOT, '.github/workflows');
const workflows = readdirSync(folder).map((name): [string, string] => [
  name,
  readFileSync(join(folder, name), 'utf8'),
]);
const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  readonly scripts: Readonly<Record<string, string>>;
};

const sound = `on: push
permissions: { contents: read }
concurrency: one
jobs:
  publish:
    timeout-minutes: 5
    permissions: { id-token: write }
    steps:
      - uses: actions/setup-node@820762786026740c76f36085b0efc47a31fe5020 # v7.0.0
      - run: npm publish
  test:
    timeout-minutes: 5
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
        with: { persist-credentials: false }
      - run: npm test
`;

/** A rule, what it promises, and a change to a correct workflow that violates the rule. */
const cases: readonly [keyof typeof rules, string, string, string][] = [
  [
    'actionsArePinned',
    'pins every action to a commit',
    '@820762786026740c76f36085b0efc47a31fe5020 # v7.0.0',
    '@v7',
  ],
  ['actionsArePinned', 'says which version a commit is', ' # v7.0.1', ''],
  [
    'scriptsHaveNoExpressions',
    'pastes nothing into a script',
    'npm test',
    'npm test "${{ github.event.issue.title }}"',
  ],
  ['permissionsAreLeast', 'states its permissions', 'permissions: { contents: read }\n', ''],
  ['permissionsAreLeast', 'gives no right to every job', 'contents: read', 'contents: write'],
  [
    'permissionsAreLeast',
    'gives a job one right at most',
    'id-token: write',
    'id-token: write, contents: write',
  ],
  [
    'rightsRunNoForeignCode',
    'runs no foreign code where it may publish',
    'npm publish',
    'npm install && npm publish',
  ],
  ['isBounded', 'ends after a time', 'timeout-minutes: 5\n    steps', 'steps'],
  ['isBounded', 'runs once at a time', 'concurrency: one\n', ''],
  ['checkoutForgetsItsToken', 'keeps no token in the clone', 'credentials: false', 'credentials: true'],
  ['strangersGetNoSecrets', 'gives strangers no secrets', 'on: push', 'on: { pull_request_target: {} }'],
];

test.each(workflows)('%s follows all rules', (_, text) => {
  const broken = cases.flatMap(([name]) => rules[name](text).map(problem => `${name}: ${problem}`));
  expect(broken).toEqual([]);
});

test.each(cases)('%s finds a workflow that breaks the rule that it %s', (name, _promise, from, to) => {
  const rule = rules[name];
  expect(rule(sound)).toEqual([]);
  expect(sound).toContain(from);
  expect(rule(sound.replace(from, to))).not.toEqual([]);
});

test('workflows run existing scripts only', () => {
  const asked = workflows.flatMap(([, text]) => rules.scriptsIn(text));
  expect(asked).toEqual(expect.arrayContaining(['compat', 'sbom', 'test:packed']));
  expect(asked.filter(name => !(name in scripts))).toEqual([]);
});

test('all workflows use the same version of an action', () => {
  const used = workflows.flatMap(([, text]) => [...text.matchAll(/uses: (\S+)@(.+)/g)]);
  const versions = new Map<string, Set<string>>();
  for (const [, action = '', version = ''] of used)
    versions.set(action, (versions.get(action) ?? new Set()).add(version));
  expect(versions.size).toBeGreaterThan(5);
  expect([...versions].filter(([, { size }]) => size > 1)).toEqual([]);
});
