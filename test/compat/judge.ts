import { inspect, isDeepStrictEqual } from 'node:util';
import type { ReceivedMetric, ReceivedSpan } from '../support/otlp';
import { comparableSpans, type ComparableSpan, type ExpectedSpan } from '../support/spans';
import type { Cluster, Role, Topics } from './broker';
import type { Difference } from './differences';
import { expectedSpans, PEAKS, SAID, SEEN, STEPS, TOTALS, type MetricValues, type Step } from './expected';
import type { Run } from './run';

const ALL = Object.keys(STEPS) as Step[];

/** What is wrong with what the program says; nothing, if it did what every row does but for the differences. */
export function faultsOfSaid({ failure, said, stderr }: Run, differences: readonly Difference[]): string[] {
  if (failure !== undefined)
    return [`${failure}; it had said ${inspect(said, { depth: 6 })}; stderr: ${stderr}`];
  const faults = ALL.flatMap(step => {
    const difference = differences.find(one => one.step === step);
    return compared(`step ${step}`, said[step], difference ? difference.said : SAID[step]);
  });
  return stderr === '' ? faults : [...faults, `stderr: ${stderr}`];
}

/** What is wrong with the spans and metrics of a run. */
export function faultsOfTelemetry(
  { spans, metrics }: Run,
  differences: readonly Difference[],
  cluster: Cluster,
  topics: Topics,
): string[] {
  const ofStep = expectedSpans(cluster, topics);
  const isUsual = (step: Step) => !differences.some(difference => difference.step === step);
  const usual = ALL.filter(isUsual);
  const wanted = [...usual, ...differences.flatMap(({ spans = [] }) => spans)].map(name => ofStep[name]);
  const failing = differences.filter(({ said }) => isFailure(said)).map(({ step }) => step);
  return [
    ...faultsOfSpans(spans, Object.assign({}, ...wanted) as ExpectedSpans, failing, topics),
    ...faultsOfMetrics(metrics, usual, topics),
  ];
}

type ExpectedSpans = Readonly<Record<string, ExpectedSpan>>;

const isFailure = (said: unknown): boolean => typeof said === 'object' && said !== null && 'failed' in said;

/** All spans are compared, but those of a step that fails, which may leave any behind. */
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

/** Whether a span belongs to a step: by the topic that it names. Those of transactions name none. */
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

/** What each export says of a metric of a topic, or of the group that is called like it: a histogram by its count. */
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

/** Names with roles in place of topics, which differ from run to run. */
function withRoles(text: string, topics: Topics): string {
  return Object.entries(topics).reduce((result, [role, topic]) => result.replaceAll(topic, role), text);
}

function compared(what: string, found: unknown, expected: unknown): string[] {
  if (isDeepStrictEqual(found, expected)) return [];
  const show = (value: unknown) => inspect(value, { depth: 6, breakLength: 120, sorted: true });
  return [`${what}\n  found    ${show(found)}\n  expected ${show(expected)}`];
}
