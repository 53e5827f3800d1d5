import { tickLabel } from './axis.js';
import { colourOf } from './colours.js';
import { element, write } from './element.js';
import { clock, duration, perSecond, seconds, whole } from './format.js';

const { uPlot } = globalThis;

const WINDOW_S = 120;
const HEIGHT = 132;

const CHARTS = [
  {
    title: 'Throughput',
    unit: 'messages per second',
    shows: ['sent', 'consumed'],
    format: perSecond,
    least: 10,
    counts: true,
  },
  { title: 'Lag', unit: 'messages behind', shows: ['lag'], format: whole, least: 10 },
  { title: 'Time lag', unit: 'age of the oldest message', shows: ['timeLag'], format: seconds, least: 1 },
  {
    title: 'Processing',
    unit: 'duration; estimated from metrics if most messages have no span',
    shows: ['p50', 'p95', 'p99'],
    format: duration,
    tick: tickLabel,
    least: 1,
  },
  {
    title: 'Errors',
    unit: 'failed spans per second',
    shows: ['errors'],
    format: whole,
    least: 5,
    counts: true,
    // Errors come from spans, which arrive at once. Metrics of the last seconds may still be on their way.
    isComplete: true,
  },
];

/** All lines of a service or consumer group have the same colour, but different dashes. */
const DASHES = { consumed: [5, 4], p95: [5, 4], p99: [2, 3] };

/**
 * Creates charts of the last two minutes. The legend shows the latest value of each line.
 *
 * @param {HTMLElement} place
 * @param {readonly string[]} [titles] default: all charts
 */
export function makeCharts(place, titles) {
  const charts = CHARTS.filter(({ title }) => titles?.includes(title) ?? true).map(makeChart);
  place.prepend(...charts.map(({ root }) => root));
  return {
    update(frames) {
      for (const chart of charts) chart.update(frames);
    },
  };
}

function makeChart({ title, unit, shows, format, tick = format, least, counts, isComplete }) {
  const legend = element('ul', { class: 'legend' });
  const plot = element('div', { class: 'plot', role: 'img', 'aria-label': `${title}, ${unit}` });
  const root = element(
    'figure',
    { 'data-chart': title },
    element('figcaption', {}, element('h2', {}, title), element('span', { class: 'quiet' }, unit)),
    plot,
    legend,
  );
  let lines = [];
  let drawn;
  let chart;
  let data = [[]];

  const build = () => {
    plot.classList.toggle('waiting', lines.length === 0);
    chart = new uPlot(options(plot.clientWidth, lines, least, tick, showAt), data, plot);
  };
  const showAt = index => {
    for (const [position, { value }] of lines.entries()) {
      const numbers = data[position + 1] ?? [];
      const number = index === undefined ? numbers.findLast(known => known !== null) : numbers[index];
      write(value, number === undefined || number === null ? '–' : format(number));
    }
  };

  /** Draws the data, unless the chart is on a hidden part of the page. */
  const draw = () => {
    if (plot.clientWidth === 0) return;
    if (!chart) build();
    else if (chart.width !== plot.clientWidth) chart.setSize({ width: plot.clientWidth, height: HEIGHT });
    chart.setData(data);
    showAt(undefined);
  };
  const forget = () => {
    chart?.destroy();
    chart = undefined;
  };
  new ResizeObserver(draw).observe(plot);
  addEventListener('themechange', () => {
    forget();
    draw();
  });

  return {
    root,
    update(frames) {
      const names = [...new Set(frames.flatMap(({ values }) => Object.keys(values)))]
        .filter(name => shows.includes(name.split(' ')[0]))
        .sort((a, b) => order(a).localeCompare(order(b)));
      const last = frames.at(-1)?.at ?? 0;
      const shown = frames.filter(({ at }) => at >= last - WINDOW_S);
      data = counts ? countsOf(shown, names, isComplete) : valuesOf(shown, names);
      // Colours are part of the key: a consumer group changes its colour when its service becomes known.
      const shape = names.map(name => `${name} ${colourOf(ownerOf(name))}`).join();
      if (shape !== drawn) {
        drawn = shape;
        lines = names.map(makeLine);
        legend.replaceChildren(...lines.map(({ item }) => item));
        forget();
      }
      draw();
      showAt(undefined);
    },
  };
}

/** Data of uPlot: the times, and then the values of each line. */
const valuesOf = (frames, names) => [
  frames.map(({ at }) => at),
  ...names.map(name => frames.map(({ values }) => values[name] ?? null)),
];

/** As `valuesOf`, but for counts: nothing was counted in a second without a value, so the second counts as 0. */
function countsOf(frames, names, isComplete) {
  const [first, last] = [frames[0]?.at ?? 0, frames.at(-1)?.at ?? -1];
  const seconds = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  const byAt = new Map(frames.map(({ at, values }) => [at, values]));
  const lines = names.map(name => {
    const end = isComplete ? last : frames.findLast(({ values }) => values[name] !== undefined)?.at;
    return seconds.map(at => byAt.get(at)?.[name] ?? (at <= end ? 0 : null));
  });
  return [seconds, ...lines];
}

/** The service or consumer group of a line. */
const ownerOf = name => name.slice(name.indexOf(' ') + 1);

/** Sorts lines by service. Within a service, consumed messages come before sent messages. */
const order = name => name.split(' ').reverse().join(' ');

/** A service has the same colour in all charts. */
function makeLine(name) {
  const [shows] = name.split(' ', 1);
  const service = ownerOf(name);
  const dash = DASHES[shows];
  const style = dash === undefined ? '' : dash[0] > 2 ? 'dashed' : 'dotted';
  const swatch = element('i', { class: `swatch ${style} ${colourOf(service)}` });
  const value = element('b', { class: 'number' }, '–');
  const label =
    CHARTS.find(chart => chart.shows.includes(shows)).shows.length > 1 ? `${service} ${shows}` : service;
  return {
    name,
    dash,
    swatch,
    value,
    item: element('li', { 'data-series': name }, swatch, element('span', {}, label), value),
  };
}

function options(width, lines, least, tick, showAt) {
  const ink = name => getComputedStyle(document.documentElement).getPropertyValue(name);
  const probe = element('i');
  document.body.append(probe);
  // A canvas does not support light-dark(). Let the browser compute the colour on a normal element.
  const resolved = name => {
    probe.style.color = ink(name);
    return getComputedStyle(probe).color;
  };
  const [quiet, rule] = [resolved('--quiet'), resolved('--rule')];
  probe.remove();
  const axis = {
    stroke: quiet,
    font: '11px system-ui, sans-serif',
    grid: { stroke: rule, width: 1 },
    ticks: { show: false },
  };
  return {
    width,
    height: HEIGHT,
    padding: [8, 8, 0, 0],
    legend: { show: false },
    cursor: { drag: { x: false, y: false }, points: { size: 6 }, y: false },
    hooks: { setCursor: [({ cursor }) => showAt(cursor.idx ?? undefined)] },
    scales: {
      x: { time: true, range: windowOf },
      y: { range: (_, __, max) => [0, Math.max(least, (max ?? 0) * 1.1)] },
    },
    axes: [
      {
        ...axis,
        size: 24,
        space: 70,
        incrs: [30, 60],
        values: timesOf,
      },
      {
        ...axis,
        size: 52,
        space: 32,
        values: (_, splits) => splits.map(value => tick(value).replace(' /s', '')),
      },
    ],
    series: [
      {},
      ...lines.map(({ name, dash, swatch }) => ({
        label: name,
        stroke: getComputedStyle(swatch).color,
        width: 2,
        ...(dash === undefined ? {} : { dash }),
        spanGaps: true,
        points: { show: false },
      })),
    ],
  };
}

/** Returns the time range of a chart: the last two minutes, or the last minute if there is less data. */
const windowOf = (_, first, last) =>
  last === null ? [0, 1] : [Math.max(last - WINDOW_S, Math.min(first, last - WINDOW_S / 2)), last];

/** Leaves out labels that the right edge of the chart would cut off. */
const timesOf = (chart, splits) =>
  splits.map(at =>
    at > chart.scales.x.max - (chart.scales.x.max - chart.scales.x.min) / 12 ? '' : clock(at * 1000),
  );
