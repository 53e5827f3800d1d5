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

/** What promtool says of the cases of `kafka.test.yaml` with these rules in the place of ours. */
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

test('every alert fires in its case, and in none of the others', () => {
  expect(promtool(rules)).toEqual({ passes: true, output: expect.stringContaining('SUCCESS') as string });
});

test('an alert that no longer fires is missed, whichever it is', () => {
  const { passes, output } = promtool(rules.replaceAll(/ > [\d.]+(?=$|\))/gm, ' > 1e12'));
  expect(passes).toBe(false);
  // Of each case that expects alerts, promtool prints those.
  for (const { alert } of alerts) expect(output).toMatch(new RegExp(`exp:[^]*?${alert}[^]*?got:`));
});

test.each([
  [
    'a standby without partitions for a dead consumer',
    'age_seconds > 60 and',
    'age_seconds > 0 and',
    'KafkaConsumerDead',
  ],
  [
    'a heartbeat of three seconds for none',
    'age_seconds > 60 and kafka_consumer_assigned_partitions > 0',
    'age_seconds > 1 and kafka_consumer_assigned_partitions > 0',
    'KafkaConsumerSilent',
  ],
  [
    'one crash for a series of them',
    'kafka_consumer_crashes_total) > 2',
    'kafka_consumer_crashes_total) > 0',
    'KafkaConsumerCrashing',
  ],
  ['a deployment for a storm', '> 5', '> 0.5', 'KafkaRebalanceStorm'],
  [
    'an old backlog for a stuck consumer',
    ' unless delta(kafka_consumer_records_lag[10m]) < 0',
    '',
    'KafkaConsumerStuck',
  ],
  ['catching up for falling behind', '[15m]) > 0.05', '[15m]) > -2', 'KafkaLagGrowing'],
  ['a declined card for a broken handler', '[10m])) > 0.1', '[10m])) > 0.01', 'KafkaProcessingFails'],
  ['a lost request for a broken producer', '[10m])) > 0.05', '[10m])) > 0.001', 'KafkaSendsFail'],
])('a rule that took %s would be caught', (_, ours, careless, alert) => {
  expect(rules).toContain(ours);
  const { passes, output } = promtool(rules.replace(ours, careless));
  expect({ passes, output }).toEqual({ passes: false, output: expect.stringContaining(alert) as string });
});

test.each(alerts.map(rule => [rule.alert, rule] as const))(
  '%s says how bad it is, what happened, and what to do',
  (_, { labels, annotations }) => {
    expect(['warning', 'critical']).toContain(labels['severity']);
    expect(Object.keys(annotations)).toEqual(['summary', 'description', 'action']);
    for (const text of Object.values(annotations)) expect(text.length).toBeGreaterThan(30);
  },
);
