/** Generates the tables of docs/dashboards.md. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ROWS } from './panels';
import { TRACE_PANELS } from './traces';

export interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: { readonly severity: string };
  readonly annotations: {
    readonly summary: string;
    readonly description: string;
    readonly action: string;
  };
}

const RULES = join(__dirname, '..', 'prometheus', 'rules', 'kafka.yaml');

export function readAlerts(): Alert[] {
  const { groups } = parse(readFileSync(RULES, 'utf8')) as {
    readonly groups: readonly { readonly rules: readonly Alert[] }[];
  };
  return groups.flatMap(({ rules }) => rules);
}

export function panelTable(): string {
  const traces = { title: 'Traces', panels: TRACE_PANELS as readonly unknown[] as readonly Described[] };
  return [...ROWS, traces]
    .map(
      ({ title, panels }) =>
        `### ${title}\n\n${table(
          ['panel', 'what it shows'],
          panels.map(panel => [`**${panel.title}**`, panel.description]),
        )}`,
    )
    .join('\n\n');
}

export function alertTable(): string {
  return table(
    ['alert', 'fires when', 'what it means, and what to do'],
    readAlerts().map(({ alert, for: time, labels: { severity }, annotations: { description, action } }) => [
      `**${alert}**, ${severity}`,
      `${CONDITIONS[alert] ?? ''}${time === undefined ? '' : ` (held for ${time})`}`,
      plain(`${description} ${action}`),
    ]),
  );
}

/** The conditions of the alerts in words, by the name of the alert. */
export const CONDITIONS: Readonly<Record<string, string>> = {
  KafkaConsumerDead: 'heartbeat age above 60 s and no partition assigned',
  KafkaConsumerSilent: 'heartbeat age above 60 s with partitions assigned',
  KafkaGroupGone: 'a group that had partitions within the last hour has none in any process',
  KafkaConsumerCrashing: 'more than 2 crashes of one type within 15 min',
  KafkaRebalanceStorm: 'more than 5 rebalances per process within 10 min',
  KafkaConsumerStuck: 'over 10 min, the time lag grows by one second per second, and the lag does not fall',
  KafkaLagGrowing: 'time lag above 60 s, and growing over 15 min',
  KafkaProcessingFails: 'more than 10 % of handler runs fail within 10 min',
  KafkaSendsFail: 'more than 5 % of sends fail within 10 min',
};

interface Described {
  readonly title: string;
  readonly description: string;
}

/** Removes or replaces the template expressions in the text of an alert. */
const plain = (text: string): string =>
  text
    .replaceAll(
      / By now it is \{\{ \$value[^}]*\}\} behind\.| Last heartbeat \{\{ \$value[^}]*\}\} ago\.| \{\{ \$value[^}]*\}\} of them[^.]*\.|: \{\{ \$value[^}]*\}\}[^.]*(?=\.)/g,
      '',
    )
    // In code, the label stays a placeholder.
    .replaceAll(/(`[^`]*)\{\{ \$labels\.\w*destination_name \}\}/g, '$1{topic}')
    .replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, (_, label: string) => WORDS[label] ?? label);

const WORDS: Readonly<Record<string, string>> = {
  messaging_consumer_group_name: 'the group',
  messaging_destination_name: 'the topic',
  error_type: 'one type of error',
  job: 'the service',
};

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map(cells => `| ${cells.join(' | ')} |`).join('\n');
