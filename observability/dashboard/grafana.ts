/** Generates the JSON of the dashboard, for import or provisioning in Grafana 10 and newer. */
import { panelOf, type GrafanaPanel } from './grafana-panel';
import { ROWS } from './panels';
import { VARIABLE_QUERIES } from './queries';
import { TRACE_PANELS, tracesUrl } from './traces';

/** Part of the URL of the dashboard. If it changes, existing links break. */
export const UID = 'kafka-otel';

const WIDTH = 24;

export function dashboard(): object {
  return {
    uid: UID,
    title: 'Kafka clients',
    description:
      'Throughput, errors, latency, lag and consumer health of services that use kafkajs. Needs the metrics of @org/kafka-otel.',
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
        variable('service', 'Service'),
        variable('group', 'Group'),
        variable('topic', 'Topic'),
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
    panels: panelsWithPositions(),
  };
}

/** Shows in every chart when an alert was firing. */
export const FIRING_ALERTS = {
  name: 'Alerts',
  enable: true,
  iconColor: 'red',
  datasource: { type: 'prometheus', uid: '${datasource}' },
  expr: 'ALERTS{alertname=~"Kafka.*", alertstate="firing"}',
  titleFormat: '{{alertname}}',
  textFormat: '{{messaging_consumer_group_name}} {{messaging_destination_name}} {{job}}',
} as const;

function panelsWithPositions(): object[] {
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
  // The ids of the data sources in this folder's provisioning. Other Grafana instances use their first data source of the same
  // type.
  current: { text: type === 'tempo' ? 'Tempo' : 'Prometheus', value: type },
  refresh: 1,
});

const variable = (name: keyof typeof VARIABLE_QUERIES, label: string): object => ({
  type: 'query',
  name,
  label,
  datasource: { type: 'prometheus', uid: '${datasource}' },
  // Grafana's number for a query of label_values(…).
  query: { qryType: 5, query: VARIABLE_QUERIES[name], refId: 'choices' },
  definition: VARIABLE_QUERIES[name],
  multi: true,
  includeAll: true,
  // `.*` also matches series without this label.
  allValue: '.*',
  current: { text: ['All'], value: ['$__all'] },
  refresh: 2,
  sort: 1,
});
