import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { projectRoot } from '../../support/program';
import { findPrometheus } from '../../support/prometheus/find';

const folder = join(projectRoot, 'observability', 'prometheus', 'rules');
const rules = readFileSync(join(folder, 'kafka.yaml'), 'utf8');

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}
const alerts = (
  parse(rules) as { readonly groups: readonly { readonly rules: readonly Rule[] }[] }
).groups.flatMap(group => group.rules);

const work = mkdtempSync(join(tmpdir(), 'kafka-otel-rules-'));
afterAll(() => {
  rmSync(work, { recursive: true });
});

/** Runs the cases of `kafka.test.yaml` with promtool and the given rules. */
function promtool(rulesText: string): { readonly passes: boolean; readonly output: string } {
  cpSync(folder, work, { recursive: true });
  writeFileSync(join(work, 'kafka.yaml'), rulesText);
  try {
    const output = execFileSync(findPrometheus().promtool, ['test', 'rules', 'kafka.test.yaml'], {
      cwd: work,
      encoding: 'utf8',
      stdio: 'pipe',
    });
    return { passes: true, output };
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { readonly stdout?: string; readonly stderr?: string };
    return { passes: false, output: stdout + stderr };
  }
}

test('every alert fires in its own case only', () => {
  expect(promtool(rules)).toEqual({ passes: true, output: expect.stringContaining('SUCCESS') as string });
});

test('the cases fail for every alert that no longer fires', () => {
  const late = rules.replaceAll(/^( +)expr:/gm, '$1for: 1000h\n$1expr:').replaceAll(/^ +for: \d+m\n/gm, '');
  const { passes, output } = promtool(late);
  expect(passes).toBe(false);
  const missed = output.split('\n').filter(line => line.includes('exp: {'));
  expect(
    alerts.map(({ alert }) => alert).filter(alert => !missed.some(line => line.includes(alert))),
  ).toEqual([]);
});

/** A part of each rule, and a replacement that makes the rule wrong. */
const CARELESS = [
  [
    'KafkaConsumerDead',
    '> 60 and kafka_consumer_assigned_partitions == 0',
    '> 1 and kafka_consumer_assigned_partitions == 0',
  ],
  [
    'KafkaConsumerSilent',
    '> 60 and kafka_consumer_assigned_partitions > 0',
    '> 1 and kafka_consumer_assigned_partitions > 0',
  ],
  ['KafkaGroupGone', 'for: 10m', 'for: 1m'],
  ['KafkaConsumerCrashing', 'kafka_consumer_crashes_total) > 2', 'kafka_consumer_crashes_total) > 0'],
  ['KafkaRebalanceStorm', '> 5', '> 0.5'],
  ['KafkaConsumerStuck', 'unless delta(kafka_consumer_records_lag[10m]) < 0', ''],
  ['KafkaLagGrowing', '[15m]) > 0.05', '[15m]) > -2'],
  ['KafkaProcessingFails', '[10m])) > 0.1', '[10m])) > 0.01'],
  ['KafkaSendsFail', '[10m])) > 0.05', '[10m])) > 0.001'],
] as const;

test('the cases fail for every alert that fires in normal operation', () => {
  const careless = CARELESS.reduce((text, [alert, ours, theirs]) => {
    const start = text.indexOf(`alert: ${alert}`);
    expect(text.indexOf(ours, start)).toBeGreaterThan(start);
    return text.slice(0, start) + text.slice(start).replace(ours, theirs);
  }, rules);
  const { passes, output } = promtool(careless);
  expect(passes).toBe(false);
  const answers = [...output.matchAll(/exp: (.*)\n +got: (.*)/g)];
  const times = (text: string, alert: string): number => text.split(`alertname="${alert}"`).length - 1;
  const unseen = alerts.filter(
    ({ alert }) => !answers.some(([, wanted = '', got = '']) => times(got, alert) > times(wanted, alert)),
  );
  expect(unseen.map(({ alert }) => alert)).toEqual([]);
});

test.each(alerts.map(rule => [rule.alert, rule] as const))(
  '%s has a severity, a summary, a description and an action',
  (_, { labels, annotations }) => {
    expect(['warning', 'critical']).toContain(labels['severity']);
    expect(Object.keys(annotations)).toEqual(['summary', 'description', 'action']);
    for (const text of Object.values(annotations)) expect(text.length).toBeGreaterThan(30);
  },
);
