import { writeFigures } from '../../scripts/figures';
import type { Results } from '../results';
import { drawChart } from './chart';
import { costTable, extrasTable, targetTable } from './tables';

/** What a group of cells is called on the page, and the modes that its picture shows. */
const GROUPS: Readonly<Record<string, { readonly title: string; readonly mode: string }>> = {
  broker: { title: 'On a real broker, spans and metrics on', mode: 'metrics' },
  'in-process': { title: 'In-process, spans and metrics on', mode: 'metrics' },
  startup: { title: 'Start-up, memory and size', mode: '' },
};

/** Writes tables and pictures into `docs/performance.md`; gives the files written. */
export async function writePage(results: Results, root: string): Promise<string[]> {
  const files: string[] = [];
  const parts = [
    `Measured by \`npm run bench\`: ${results.provenance}, ${results.rounds} paired rounds. CPU time in µs per message.`,
    '### Targets',
    await targetTable(results.verdicts),
  ];
  for (const [group, { title, mode }] of Object.entries(GROUPS)) {
    const cells = results.cells.filter(cell => cell.group === group);
    if (cells.length === 0) continue;
    parts.push(`### ${title}`);
    const drawn = cells.filter(cell => cell.mode === mode);
    if (drawn.length > 0) {
      const image = `docs/images/bench-${group}.svg`;
      drawChart(`${root}/${image}`, title, drawn);
      files.push(image);
      parts.push(`![${title}: µs of CPU per message, by path](images/bench-${group}.svg)`);
    }
    parts.push(cells.some(cell => cell.variants.ours?.['cpu']) ? await costTable(cells) : await extrasTable(cells));
  }
  files.push(writeFigures('performance', 'bench', parts.join('\n\n')));
  return files;
}
