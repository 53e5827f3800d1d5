import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { init } from 'echarts';
import type { Variant } from '../cell';
import type { CellResult } from '../results';

/** Colours that hold against white and against GitHub's dark page; told apart by lightness too. */
const COLOURS: Readonly<Partial<Record<Variant, string>>> = {
  headerless: '#b3b9c0',
  bare: '#8b949e',
  floor: '#58a6a6',
  official: '#d9822b',
  ours: '#4c8dff',
};
const TEXT = '#7d8590';
const LINE = '#7d859055';

const ROW = 64;
const MARGIN = { left: 190, right: 70, top: 66, bottom: 46 };

/** Draws what each variant costs per path, as bars, and writes the picture. */
export function drawChart(file: string, title: string, cells: readonly CellResult[]): void {
  const variants = (Object.keys(COLOURS) as Variant[]).filter(variant =>
    cells.some(cell => cell.variants[variant]?.['cpu']),
  );
  const least = startOf(
    variants.flatMap(variant => cells.map(cell => cell.variants[variant]?.['cpu']?.median ?? Infinity)),
  );
  const height = MARGIN.top + MARGIN.bottom + cells.length * ROW;
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: 860, height });
  chart.setOption({
    animation: false,
    backgroundColor: 'transparent',
    textStyle: { color: TEXT, fontFamily: 'system-ui, sans-serif' },
    title: {
      text: title,
      left: 'center',
      top: 6,
      textStyle: { color: TEXT, fontSize: 14, fontWeight: 'normal' },
    },
    legend: { top: 32, left: 'center', textStyle: { color: TEXT } },
    grid: MARGIN,
    xAxis: {
      type: 'log',
      // Bars would begin at 1, to either side.
      min: least,
      startValue: least,
      name: 'µs of CPU per message, logarithmic',
      nameLocation: 'middle',
      nameGap: 28,
      axisLabel: { color: TEXT },
      splitLine: { lineStyle: { color: LINE } },
    },
    yAxis: {
      type: 'category',
      inverse: true,
      data: cells.map(({ path }) => path),
      axisLabel: { color: TEXT },
      axisLine: { lineStyle: { color: LINE } },
    },
    series: variants.map(variant => ({
      name: variant,
      type: 'bar',
      itemStyle: { color: COLOURS[variant] },
      label: { show: true, position: 'right', color: TEXT, fontSize: 10 },
      data: cells.map(cell => rounded(cell.variants[variant]?.['cpu']?.median)),
    })),
  });
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, chart.renderToSVGString());
  chart.dispose();
}

/** The power of ten below the smallest value. */
const startOf = (values: readonly number[]): number => 10 ** Math.floor(Math.log10(Math.min(...values)));

const rounded = (value: number | undefined): number | null =>
  value === undefined ? null : Number(value.toPrecision(2));
