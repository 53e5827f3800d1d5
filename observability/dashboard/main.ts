// `npm run dashboard`: generates the JSON of the dashboard and the tables of docs/dashboards.md from the files in this folder and
// the alert rules.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { writeFigures } from '../../scripts/figures';
import { alertTable, panelTable } from './documented';
import { dashboard } from './grafana';

const file = join(__dirname, '..', 'grafana', 'dashboards', 'kafka.json');
writeFileSync(file, JSON.stringify(dashboard(), undefined, 2));
execFileSync(process.execPath, [require.resolve('prettier/bin/prettier.cjs'), '--write', file]);

const pages = [
  writeFigures('docs/dashboards.md', 'panels', panelTable()),
  writeFigures('docs/dashboards.md', 'alerts', alertTable()),
];
process.stdout.write(`Wrote ${[relative(process.cwd(), file), ...new Set(pages)].join(' and ')}\n`);
