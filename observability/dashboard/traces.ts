import type { GrafanaPanel } from './grafana-panel';

/** The way from a number to the traces behind it: Explore with a TraceQL query, for the time that the dashboard shows. */
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
  // Grafana fills in variables before it reads the address, and knows them by their plain spelling only.
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
    'The latest traces in which a send or a handler of these topics failed. The exception is on the span.',
    ' && status = error',
  ),
  traceTable(
    'Slow handlers',
    'The latest traces in which a handler of these topics ran for longer than a second.',
    ' && kind = consumer && duration > 1s',
  ),
];
