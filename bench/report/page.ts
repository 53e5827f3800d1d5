import { writeFigures } from '../../scripts/figures';
import { publishedResults, type Results } from '../results';
import { drawChart } from './chart';
import { drawGrowth, growthTable } from './growth';
import { loadTable, scaleTable } from './scale';
import { addedTable, startTable, summary } from './summary';
import { coldTable, costTable, floorTable, rowTable, targetTable } from './tables';
import { compareFloors } from './floor-check';

/** Headings of the groups, and the SDK mode that the chart of a group shows. */
const GROUPS: Readonly<Record<string, { readonly title: string; readonly mode: string }>> = {
  broker: { title: 'On a real broker, with spans and metrics', mode: 'metrics' },
  'in-process': { title: 'Without a broker (in-process), with spans and metrics', mode: 'metrics' },
};

/** Returns the paths of the changed files. */
export async function writePage(results: Results, root: string): Promise<string[]> {
  const files: string[] = [];
  const parts = [
    `Measured by \`npm run bench\`: ${results.provenance}. Each number is the median of up to ${results.rounds} rounds, in µs of CPU time per message. In a round, the processes of all variants take turns on one CPU core, so that other load slows all of them equally.`,
    '### Targets',
    await targetTable(results.verdicts),
  ];
  for (const [group, { title, mode }] of Object.entries(GROUPS)) {
    const benchmarks = results.benchmarks.filter(benchmark => benchmark.group === group);
    if (benchmarks.length === 0) continue;
    parts.push(`### ${title}`);
    const drawn = benchmarks.filter(benchmark => benchmark.mode === mode);
    if (drawn.length > 0) {
      const image = `bench/images/${group}.svg`;
      drawChart(`${root}/${image}`, title, drawn);
      files.push(image);
      parts.push(`![${title}: µs of CPU per message, by path](images/${group}.svg)`);
    }
    parts.push(await costTable(benchmarks));
  }
  if (results.benchmarks.some(({ coldRatios }) => coldRatios.official))
    parts.push('### The first 1,000 operations of a process', await coldTable(results.benchmarks));
  const stubbed = results.benchmarks.filter(({ group, mode }) => group === 'in-process' && mode !== 'none');
  if (stubbed.length > 0) files.push(writeFigures('bench/README.md', 'load', await loadTable(stubbed)));
  const floors = compareFloors(results);
  if (floors.length > 0)
    parts.push(
      '### The hand-written instrumentation (`floor`), compared with an earlier measurement',
      await floorTable(floors),
    );
  if (results.rows.length > 0) parts.push('### Start-up, memory and size', await rowTable(results.rows));
  files.push(writeFigures('bench/README.md', 'bench', parts.join('\n\n')));
  files.push(await writeCost(results, publishedResults('scale')));
  files.push(
    writeFigures('docs/performance.md', 'cost', await addedTable(results.benchmarks, 'broker', 'headerless')),
  );
  if (results.rows.length > 0)
    files.push(writeFigures('docs/performance.md', 'start', await startTable(results.rows)));
  return files;
}

/** Returns the paths of the changed files. */
export async function writeScale(results: Results, root: string): Promise<string[]> {
  const { benchmarks, provenance } = results;
  const scale = benchmarks.filter(({ group }) => group === 'scale');
  const image = 'bench/images/growth.svg';
  drawGrowth(`${root}/${image}`, scale);
  const from = `Measured by \`npm run bench -- --scale\`: ${provenance}.`;
  return [
    image,
    writeFigures('bench/README.md', 'scale', `${from}\n\n${await scaleTable(scale)}`),
    writeFigures('docs/performance.md', 'growth', await growthTable(scale)),
    await writeCost(publishedResults('latest'), results),
  ];
}

/** Writes the table of the README. One part is measured by a full run, the other part by `--scale`. */
const writeCost = async (whole: Results, scale: Results): Promise<string> =>
  writeFigures('README.md', 'cost', await summary(whole.benchmarks, scale.benchmarks));
