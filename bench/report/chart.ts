import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { init, type EChartsOption } from 'echarts';
import type { Variant } from '../benchmark';
import type { BenchmarkResult } from '../results';

/** Colours that are readable on a white and on a dark page. They also differ in lightness, for colour-blind readers. */
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

export function drawChart(file: string, title: string, benchmarks: readonly BenchmarkResult[]): void {
  const variants = (Object.keys(COLOURS) as Variant[]).filter(variant =>
    benchmarks.some(benchmark => benchmark.variants[variant]?.['cpu']),
  );
  const axisStart = powerOfTenBelow(
    variants.flatMap(variant =>
      benchmarks.map(benchmark => benchmark.variants[variant]?.['cpu']?.median ?? Infinity),
    ),
  );
  const height = MARGIN.top + MARGIN.bottom + benchmarks.length * ROW;
  write(file, height, {
    ...heading(title),
    grid: MARGIN,
    xAxis: {
      ...axis('µs of CPU per message, logarithmic'),
      type: 'log',
      // By default, ECharts starts bars on a logarithmic axis at 1.
      min: axisStart,
      startValue: axisStart,
    },
    yAxis: {
      type: 'category',
      inverse: true,
      data: benchmarks.map(({ path }) => path),
      axisLabel: { color: TEXT },
      axisLine: { lineStyle: { color: LINE } },
    },
    series: variants.map(variant => ({
      name: variant,
      type: 'bar',
      itemStyle: { color: COLOURS[variant] ?? TEXT },
      label: { show: true, position: 'right', color: TEXT, fontSize: 10 },
      data: benchmarks.map(benchmark => rounded(benchmark.variants[variant]?.['cpu']?.median)),
    })),
  });
}

interface Lines {
  readonly title: string;
  readonly x: string;
  readonly lines: readonly {
    readonly name: string;
    readonly points: readonly (readonly [number, number])[];
  }[];
}

const LINE_COLOURS = ['#4c8dff', '#d9822b', '#58a6a6', '#a371f7'];

export function drawLines(file: string, { title, x, lines }: Lines): void {
  write(file, 320, {
    ...heading(title),
    grid: { left: 60, right: 40, top: MARGIN.top, bottom: MARGIN.bottom },
    xAxis: { ...axis(x), type: 'log' },
    yAxis: { type: 'value', axisLabel: { color: TEXT }, splitLine: { lineStyle: { color: LINE } } },
    series: lines.map(({ name, points }, index) => ({
      name,
      type: 'line',
      symbolSize: 7,
      color: LINE_COLOURS[index] ?? TEXT,
      data: points.map(point => [...point]),
    })),
  });
}

const heading = (text: string) => ({
  animation: false,
  backgroundColor: 'transparent',
  textStyle: { color: TEXT, fontFamily: 'system-ui, sans-serif' },
  title: {
    text,
    left: 'center',
    top: 6,
    textStyle: { color: TEXT, fontSize: 14, fontWeight: 'normal' as const },
  },
  legend: { top: 32, left: 'center', textStyle: { color: TEXT } },
});

const axis = (name: string) => ({
  name,
  nameLocation: 'middle' as const,
  nameGap: 28,
  axisLabel: { color: TEXT },
  splitLine: { lineStyle: { color: LINE } },
});

function write(file: string, height: number, option: EChartsOption): void {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: 860, height });
  chart.setOption(option);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, chart.renderToSVGString());
  chart.dispose();
}

const powerOfTenBelow = (values: readonly number[]): number =>
  10 ** Math.floor(Math.log10(Math.min(...values)));

const rounded = (value: number | undefined): number | null =>
  value === undefined ? null : Number(value.toPrecision(2));
