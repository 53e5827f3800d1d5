import { inspect, isDeepStrictEqual } from 'node:util';
import type { ReceivedMetric, ReceivedSpan } from '../support/otlp';
import { comparableSpans, type ComparableSpan, type ExpectedSpan } from '../support/spans';
import type { Cluster, Role, Topics } from './broker';
import type { Difference } from './differences';
import {
  expectedSpans,
  PEAKS,
  EXPECTED_OUTPUT,
  SEEN,
  STEPS,
  TOTALS,
  type MetricValues,
  type Step,
} from './expected';
import type { Run } from './run';

const ALL = Object.keys(STEPS) as Step[];

export function outputFaults({ failure, output, stderr }: Run, differences: readonly Difference[]): string[] {
  if (failure !== undefined)
    return [`${failure}; output until then: ${inspect(output, { depth: 6 })}; stderr: ${stderr}`];
  const faults = ALL.flatMap(step => {
    const difference = differences.find(one => one.step === step);
    return compared(`step ${step}`, output[step], difference ? difference.output : EXPECTED_OUTPUT[step]);
  });
  return stderr === '' ? faults : [...faults, `stderr: ${stderr}`];
}

export function telemetryFaults(
  { spans, metrics }: Run,
  differences: readonly Difference[],
  cluster: Cluster,
  topics: Topics,
): string[] {
  const ofStep = expectedSpans(cluster, topics);
  const isUsual = (step: Step) => !differences.some(difference => difference.step === step);
  const usual = ALL.filter(isUsual);
  const wanted = [...usual, ...differences.flatMap(({ spans = [] }) => spans)].map(name => ofStep[name]);
  const failing = differences.filter(({ output }) => isFailure(output)).map(({ step }) => step);
  return [
    ...faultsOfSpans(spans, Object.assign({}, ...wanted) as ExpectedSpans, failing, topics),
    ...faultsOfMetrics(metrics, usual, topics),
  ];
}

type ExpectedSpans = Readonly<Record<string, ExpectedSpan>>;

const isFailure = (output: unknown): boolean =>
  typeof output === 'object' && output !== null && 'failed' in output;

/** Compares all spans. Leaves out the spans of failing steps. */
function faultsOfSpans(
  received: readonly ReceivedSpan[],
  wanted: ExpectedSpans,
  failing: readonly Step[],
  topics: Topics,
): string[] {
  const found = comparableSpans(received, { label: ({ name }) => withRoles(name, topics) });
  const others = Object.keys(found).filter(label => !failing.some(step => isOf(step, label)));
  return [...new Set([...Object.keys(wanted), ...others])].flatMap(label => {
    const span = wanted[label];
    return compared(`span ${label}`, found[label], span && complete(span));
  });
}

/** True if a span belongs to a step. The topic in its label decides. Spans of transactions have no topic. */
function isOf(step: Step, label: string): boolean {
  if (step === 'transaction' && /^(transaction|commit)/.test(label)) return true;
  const roles: readonly string[] = STEPS[step];
  return roles.includes(/^\S+ (\S+)/.exec(label)?.[1] ?? '');
}

const complete = ({
  name = '',
  kind,
  parent,
  links = [],
  attributes = {},
}: ExpectedSpan): ComparableSpan => ({
  name,
  kind,
  parent,
  links: links.map(({ to, attributes = {} }) => ({
    to,
    attributes: attributes as ComparableSpan['attributes'],
  })),
  attributes: attributes as ComparableSpan['attributes'],
  events: [],
  status: { code: 'UNSET', message: '' },
});

function faultsOfMetrics(
  metrics: readonly ReceivedMetric[],
  steps: readonly Step[],
  topics: Topics,
): string[] {
  const compareAll = (
    values: MetricValues,
    read: (name: string, role: Role) => number | undefined,
  ): string[] =>
    Object.entries(values).flatMap(([name, byRole]) =>
      (Object.entries(byRole) as [Role, number][]).flatMap(([role, value]) =>
        compared(`metric ${name} of ${role}`, read(name, role), value),
      ),
    );
  const values = (name: string, role: Role) => valuesOf(metrics, name, topics[role]);
  return steps.flatMap(step => [
    ...compareAll(TOTALS[step], (name, role) => values(name, role).at(-1)),
    ...compareAll(PEAKS[step] ?? {}, (name, role) =>
      values(name, role)
        .sort((a, b) => a - b)
        .at(-1),
    ),
    ...Object.entries(SEEN[step] ?? {}).flatMap(([name, roles]) =>
      roles
        .filter(role => values(name, role).length === 0)
        .map(role => `metric ${name} of ${role}: never seen`),
    ),
  ]);
}

/**
 * Returns the values of a metric in each export, for a topic or for the group with the same name. For a histogram,
 * returns the number of its values.
 */
function valuesOf(metrics: readonly ReceivedMetric[], name: string, topic: string): number[] {
  return metrics
    .filter(metric => metric.name === name)
    .map(({ points }) =>
      points.filter(
        ({ attributes }) =>
          (attributes['messaging.destination.name'] ?? attributes['messaging.consumer.group.name']) === topic,
      ),
    )
    .filter(points => points.length > 0)
    .map(points => points.reduce((sum, { count, value }) => sum + (count ?? value), 0));
}

/** Replaces the names of topics by their roles, because the names differ between runs. */
function withRoles(text: string, topics: Topics): string {
  return Object.entries(topics).reduce((result, [role, topic]) => result.replaceAll(topic, role), text);
}

function compared(what: string, found: unknown, expected: unknown): string[] {
  if (isDeepStrictEqual(found, expected)) return [];
  const show = (value: unknown) => inspect(value, { depth: 6, breakLength: 120, sorted: true });
  return [`${what}\n  found    ${show(found)}\n  expected ${show(expected)}`];
}
