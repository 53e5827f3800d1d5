/** Grafana's form of the dashboard: the JSON that is imported or provisioned (Grafana 10 and newer). */
import { panelOf, type GrafanaPanel } from './grafana-panel';
import { ROWS } from './panels';
import { CHOICES } from './queries';
import { TRACE_PANELS, tracesUrl } from './traces';

/** Part of the dashboard's address, so that links to it stay. */
export const UID = 'kafka-otel';

const WIDTH = 24;

export function dashboard(): object {
  return {
    uid: UID,
    title: 'Kafka clients',
    description:
      'What services that use kafkajs send and consume, how far behind they are, and whether their consumers are well. Made for the metrics of @org/kafka-otel.',
    tags: ['kafka', 'opentelemetry'],
    schemaVersion: 41,
    editable: true,
    graphTooltip: 1,
    refresh: '10s',
    time: { from: 'now-30m', to: 'now' },
    timezone: 'browser',
    annotations: { list: [FIRING_ALERTS] },
    templating: {
      list: [
        datasource('datasource', 'Metrics', 'prometheus'),
        datasource('traces', 'Traces', 'tempo'),
        choice('service', 'Service'),
        choice('group', 'Group'),
        choice('topic', 'Topic'),
      ],
    },
    links: [
      {
        type: 'link',
        title: 'Traces of these topics',
        icon: 'external link',
        tooltip: 'In Explore, for the time shown here',
        targetBlank: true,
        url: tracesUrl('span.messaging.destination.name =~ `${topic:regex}`'),
      },
    ],
    panels: laidOut(),
  };
}

/** Marks on every chart from when an alert fired. */
export const FIRING_ALERTS = {
  name: 'Alerts',
  enable: true,
  iconColor: 'red',
  datasource: { type: 'prometheus', uid: '${datasource}' },
  expr: 'ALERTS{alertname=~"Kafka.*", alertstate="firing"}',
  titleFormat: '{{alertname}}',
  textFormat: '{{messaging_consumer_group_name}} {{messaging_destination_name}} {{job}}',
} as const;

function laidOut(): object[] {
  const rows = [
    ...ROWS.map(({ title, panels }) => ({ title, panels: panels.map(panelOf) })),
    { title: 'Traces', panels: TRACE_PANELS },
  ];
  const placed: object[] = [];
  let y = 0;
  for (const { title, panels } of rows) {
    placed.push({
      id: placed.length + 1,
      type: 'row',
      title,
      collapsed: false,
      gridPos: { x: 0, y, w: WIDTH, h: 1 },
      panels: [],
    });
    y++;
    let x = 0;
    let height = 0;
    for (const panel of panels) {
      const { w, h } = sizeOf(panel);
      if (x + w > WIDTH) {
        y += height;
        x = 0;
      }
      placed.push({ id: placed.length + 1, ...panel, gridPos: { x, y, w, h } });
      x += w;
      height = h;
    }
    y += height;
  }
  return placed;
}

function sizeOf({ type }: GrafanaPanel): { readonly w: number; readonly h: number } {
  if (type === 'stat') return { w: 4, h: 4 };
  return type === 'table' ? { w: WIDTH, h: 8 } : { w: 12, h: 8 };
}

const datasource = (name: string, label: string, type: string): object => ({
  type: 'datasource',
  name,
  label,
  query: type,
  // The identifiers that this folder provisions; elsewhere Grafana takes the first of the type.
  current: { text: type === 'tempo' ? 'Tempo' : 'Prometheus', value: type },
  refresh: 1,
});

const choice = (name: keyof typeof CHOICES, label: string): object => ({
  type: 'query',
  name,
  label,
  datasource: { type: 'prometheus', uid: '${datasource}' },
  // 5 is Grafana's number for a query in the form of label_values(…).
  query: { qryType: 5, query: CHOICES[name], refId: 'choices' },
  definition: CHOICES[name],
  multi: true,
  includeAll: true,
  // Also those that have no such label.
  allValue: '.*',
  current: { text: ['All'], value: ['$__all'] },
  refresh: 2,
  sort: 1,
});
