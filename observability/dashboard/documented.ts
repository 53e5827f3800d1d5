/** The tables of docs/dashboards.md. */
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
          ['panel', 'what it tells'],
          panels.map(panel => [`**${panel.title}**`, panel.description]),
        )}`,
    )
    .join('\n\n');
}

export function alertTable(): string {
  return table(
    ['alert', 'fires when', 'what to do'],
    readAlerts().map(({ alert, labels: { severity }, annotations: { description, action } }) => [
      `**${alert}** (${severity})`,
      plain(description),
      action,
    ]),
  );
}

interface Described {
  readonly title: string;
  readonly description: string;
}

/** Without the template language of alerts. */
const plain = (text: string): string =>
  text
    .replaceAll(/\{\{ \$value \| \w+ \}\}|\{\{ \$value \}\}/g, '…')
    .replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, (_, label: string) => WORDS[label] ?? label);

const WORDS: Readonly<Record<string, string>> = {
  messaging_consumer_group_name: 'the group',
  messaging_destination_name: 'the topic',
  error_type: 'one type of error',
  job: 'the service',
};

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map(cells => `| ${cells.join(' | ')} |`).join('\n');
