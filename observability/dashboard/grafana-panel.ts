import type { Panel, Query } from './panel';
import { ERROR, GROUP, TOPIC } from './queries';
import { tracesUrl } from './traces';

export interface GrafanaPanel {
  readonly type: 'stat' | 'timeseries' | 'table';
  readonly [field: string]: unknown;
}

/** Converts a panel to Grafana's JSON, without its position. */
export function panelOf(panel: Panel): GrafanaPanel {
  const { title, description, shape, queries } = panel;
  const common = {
    title,
    description,
    datasource: { type: 'prometheus', uid: '${datasource}' },
    fieldConfig: { defaults: fieldOf(panel), overrides: [] },
    targets: queries.map((query, index) => target(query, index, shape)),
  };
  switch (shape) {
    case 'value':
      return {
        type: 'stat',
        ...common,
        options: {
          reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
          colorMode: panel.thresholds ? 'background' : 'value',
          graphMode: 'area',
          textMode: 'value',
        },
      };
    case 'table':
      return { type: 'table', ...common, options: { showHeader: true }, transformations: [WITHOUT_TIME] };
    case 'lines':
    case 'bars':
      return {
        type: 'timeseries',
        ...common,
        options: {
          legend: { showLegend: true, displayMode: 'list', placement: 'bottom', calcs: [] },
          tooltip: { mode: 'multi', sort: 'desc' },
        },
      };
  }
}

function target({ expr, legend }: Query, index: number, shape: Panel['shape']): object {
  const refId = String.fromCharCode('A'.charCodeAt(0) + index);
  const form = shape === 'table' ? { instant: true, range: false, format: 'table' } : { range: true };
  return { refId, expr, legendFormat: legend, editorMode: 'code', ...form };
}

function fieldOf({ shape, unit, thresholds, queries }: Panel): object {
  const links = linksOf(queries);
  return {
    unit,
    min: 0,
    color: {
      mode: shape === 'value' && thresholds ? 'thresholds' : shape === 'value' ? 'fixed' : 'palette-classic',
    },
    thresholds: {
      mode: 'absolute',
      steps: [
        { color: 'green', value: null },
        ...(thresholds ?? []).map((value, level) => ({ color: level === 0 ? 'yellow' : 'red', value })),
      ],
    },
    // Prometheus has no series for a counter that never counted.
    ...(shape === 'bars' ? { noValue: 'none' } : {}),
    ...(shape === 'lines' || shape === 'bars' ? { custom: drawing(shape, thresholds !== undefined) } : {}),
    ...(links.length > 0 ? { links } : {}),
  };
}

const drawing = (shape: 'lines' | 'bars', marksThresholds: boolean): object => ({
  drawStyle: shape === 'bars' ? 'bars' : 'line',
  lineWidth: 1,
  fillOpacity: shape === 'bars' ? 80 : 10,
  showPoints: 'never',
  spanNulls: false,
  stacking: { mode: shape === 'bars' ? 'normal' : 'none', group: 'A' },
  thresholdsStyle: { mode: marksThresholds ? 'dashed' : 'off' },
});

/**
 * Adds a link from a series to the traces of its topic or group. The JavaScript SDK does not support exemplars, so an exact link is
 * not possible.
 */
function linksOf(queries: readonly Query[]): object[] {
  const by = queries.map(({ expr }) => / by \(([^)]*)\)/.exec(expr)?.[1] ?? '').join(', ');
  const name = by.includes(TOPIC) ? TOPIC : by.includes(GROUP) ? GROUP : undefined;
  if (name === undefined) return [];
  const attribute = name === TOPIC ? 'messaging.destination.name' : 'messaging.consumer.group.name';
  const failing = by.includes(ERROR) ? ' && status = error' : '';
  return [
    {
      title: failing === '' ? 'Traces' : 'Failing traces',
      targetBlank: true,
      url: tracesUrl(`span.${attribute} = \`\${__field.labels.${name}}\`${failing}`),
    },
  ];
}

const WITHOUT_TIME = {
  id: 'organize',
  options: {
    excludeByName: { Time: true },
    renameByName: {
      Value: 'Time lag',
      job: 'Service',
      instance: 'Process',
      messaging_consumer_group_name: 'Group',
      messaging_destination_name: 'Topic',
      messaging_destination_partition_id: 'Partition',
    },
  },
};
