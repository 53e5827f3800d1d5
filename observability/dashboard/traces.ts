import type { GrafanaPanel } from './grafana-panel';

/** Returns the URL of Grafana's Explore page with a TraceQL query, for the time range of the dashboard. */
export function tracesUrl(condition: string): string {
  const panes = {
    traces: {
      datasource: '${traces}',
      queries: [
        {
          refId: 'A',
          datasource: { type: 'tempo', uid: '${traces}' },
          queryType: 'traceql',
          query: `{ ${condition} }`,
        },
      ],
      range: { from: '${__from}', to: '${__to}' },
    },
  };
  // Do not encode `${name}`: Grafana replaces variables before it decodes the URL.
  const encoded = encodeURIComponent(JSON.stringify(panes)).replaceAll(
    /%24%7B(.*?)%7D/g,
    (_, name: string) => `\${${decodeURIComponent(name)}}`,
  );
  return `/explore?schemaVersion=1&panes=${encoded}`;
}

const OF_TOPICS = 'span.messaging.destination.name =~ `${topic:regex}`';

const traceTable = (title: string, description: string, condition: string): GrafanaPanel => ({
  type: 'table',
  title,
  description,
  datasource: { type: 'tempo', uid: '${traces}' },
  fieldConfig: { defaults: { unit: 'short' }, overrides: [] },
  targets: [
    {
      refId: 'A',
      queryType: 'traceql',
      tableType: 'traces',
      limit: 20,
      query: `{ ${OF_TOPICS}${condition} }`,
    },
  ],
  options: { showHeader: true },
});

export const TRACE_PANELS: readonly GrafanaPanel[] = [
  traceTable(
    'Failing traces',
    'The latest traces with a failed send or handler of these topics. The exception is on the span.',
    ' && status = error',
  ),
  traceTable(
    'Slow handlers',
    'The latest traces with a handler run of these topics of more than one second.',
    ' && kind = consumer && duration > 1s',
  ),
];
