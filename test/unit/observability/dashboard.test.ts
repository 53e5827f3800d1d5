import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { dashboard } from '../../../observability/dashboard/grafana';
import { projectRoot } from '../../support/program';

const at = (...path: string[]): string => readFileSync(join(projectRoot, 'observability', ...path), 'utf8');

interface Source {
  readonly type: string;
  readonly uid: string;
}

interface GrafanaPanel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly datasource?: Source;
  readonly fieldConfig?: { readonly defaults: { readonly unit?: string } };
  readonly targets?: readonly { readonly refId: string; readonly expr?: string; readonly query?: string }[];
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
}

const written = JSON.parse(at('grafana', 'dashboards', 'kafka.json')) as {
  readonly panels: readonly GrafanaPanel[];
  readonly templating: {
    readonly list: readonly {
      readonly name: string;
      readonly type: string;
      readonly query: unknown;
      readonly current: { readonly value: unknown };
    }[];
  };
};
const panels = written.panels.filter(({ type }) => type !== 'row');
const variables = written.templating.list;

test('the dashboard in the repository is the one that its source generates', () => {
  expect(written).toEqual(JSON.parse(JSON.stringify(dashboard())));
});

test.each(panels.map(panel => [panel.title, panel] as const))(
  '"%s" has a description, a unit and queries',
  (title, { description = '', fieldConfig, targets = [] }) => {
    expect(title).not.toBe('');
    expect(description.length).toBeGreaterThan(20);
    expect(fieldConfig?.defaults.unit).toMatch(/^(mps|s|percentunit|short)$/);
    expect(targets.length).toBeGreaterThan(0);
    for (const { expr, query } of targets) expect(expr ?? query).toMatch(/\S/);
    expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
  },
);

test('no two panels have the same identifier or overlap', () => {
  const cells = written.panels.flatMap(({ gridPos: { x, y, w, h } }) => {
    expect(x + w).toBeLessThanOrEqual(24);
    return Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`);
  });
  expect(new Set(cells).size).toBe(cells.length);
  expect(new Set(written.panels.map(({ id }) => id)).size).toBe(written.panels.length);
});

test('panels and links use only variables of the dashboard or of Grafana', () => {
  const known = [...variables.map(({ name }) => name), '__rate_interval', '__from', '__to'];
  const used = [...JSON.stringify(written).matchAll(/\$\{?(\w+)/g)].map(([, name = '']) => name);
  expect(new Set(used.filter(name => !known.includes(name)))).toEqual(new Set(['__all', '__field']));
});

test('the data sources of the dashboard are provisioned under their default identifiers', () => {
  const { datasources } = parse(at('grafana', 'provisioning', 'datasources.yaml')) as {
    readonly datasources: readonly Source[];
  };
  const chosen = variables.filter(({ type }) => type === 'datasource');
  for (const { query, current } of chosen)
    expect(datasources.map(({ type, uid }) => ({ type, uid }))).toContainEqual({
      type: query,
      uid: current.value,
    });
  const asked = new Set(panels.map(({ datasource }) => JSON.stringify(datasource)));
  expect(asked).toEqual(
    new Set(chosen.map(({ name, query }) => JSON.stringify({ type: query, uid: `\${${name}}` }))),
  );
});

test('a link to traces opens a valid query in Explore', () => {
  const addresses = [...JSON.stringify(written).matchAll(/"url":"(\/explore[^"]*)"/g)].map(
    ([, url = '']) => url,
  );
  expect(addresses.length).toBeGreaterThan(5);
  for (const address of addresses) {
    const url = new URL(address.replaceAll(/\$\{[^}]*\}/g, 'x'), 'http://grafana');
    expect(JSON.parse(url.searchParams.get('panes') ?? '')).toMatchObject({
      traces: {
        datasource: 'x',
        queries: [
          {
            queryType: 'traceql',
            query: expect.stringMatching(/^\{ span\.messaging\.[\w.]+ =~? `x`.* \}$/) as string,
          },
        ],
      },
    });
  }
});

test('the page about dashboards describes each panel and each alert', () => {
  const page = readFileSync(join(projectRoot, 'docs', 'dashboards.md'), 'utf8');
  const alerts = [...at('prometheus', 'rules', 'kafka.yaml').matchAll(/alert: (\w+)/g)].map(
    ([, name = '']) => name,
  );
  expect(alerts.length).toBeGreaterThan(5);
  for (const name of [...alerts, ...panels.map(({ title }) => title)]) expect(page).toContain(`**${name}**`);
});
