import type { MapEdge, MapNode, ServiceMap } from '../page-data';
import type { Groups } from './groups';
import { Seconds } from './seconds';

type Source = 'metrics' | 'spans';

/** Messages that a service sent to a topic, or consumed from a topic in a group. */
interface Flow {
  readonly kind: 'sent' | 'consumed';
  readonly source: Source;
  readonly service: string;
  readonly topic: string;
  readonly group: string;
  total: number;
  errors: number;
  readonly seconds: Seconds;
}

const RATE_SECONDS = 10;
/** Limits the memory use in case topics or groups have generated names. */
const MAX_FLOWS = 2_000;

export class Flows {
  private readonly flows = new Map<string, Flow>();

  sent(
    source: Source,
    service: string,
    topic: string,
    count: number,
    errors: number,
    from: number,
    to: number,
  ): void {
    const flow = this.flow('sent', source, service, topic, '');
    flow.total += count;
    flow.errors += errors;
    flow.seconds.spread(count, from, to);
  }

  consumed(
    source: Source,
    service: string,
    topic: string,
    group: string,
    count: number,
    from: number,
    to: number,
  ): void {
    const flow = this.flow('consumed', source, service, topic, group);
    flow.total += count;
    flow.seconds.spread(count, from, to);
  }

  failed(source: Source, service: string, topic: string, group: string, errors: number): void {
    if (errors > 0) this.flow('consumed', source, service, topic, group).errors += errors;
  }

  /** @param now - seconds of Unix time */
  map(now: number, withMetrics: ReadonlySet<string>, groups: Groups): ServiceMap {
    const nodes = new Map<string, MapNode>();
    const edges = new Map<string, MapEdge>();
    const node = (kind: MapNode['kind'], name: string): string => {
      const id = `${kind}:${name}`;
      if (!nodes.has(id))
        nodes.set(id, { id, kind, name, services: kind === 'group' ? groups.servicesOf(name) : [] });
      return id;
    };
    const edge = (kind: MapEdge['kind'], from: string, to: string, flow: Flow): void => {
      const key = `${kind} ${from} ${to}`;
      const { topic, group, source, seconds } = flow;
      const known = edges.get(key) ?? {
        kind,
        from,
        to,
        source,
        total: 0,
        rate: 0,
        errors: 0,
        ...(kind === 'receive' ? groups.lagOf(group, topic) : undefined),
      };
      edges.set(key, {
        ...known,
        total: Math.round(known.total + flow.total),
        rate: known.rate + seconds.sum(Math.floor(now) - RATE_SECONDS, Math.floor(now)) / RATE_SECONDS,
        errors: known.errors + flow.errors,
        source: known.source === 'spans' ? 'spans' : source,
      });
    };
    for (const flow of this.flows.values()) {
      const { kind, source, service, topic, group } = flow;
      if (topic === '' || (source === 'metrics') !== withMetrics.has(service)) continue;
      const serviceNode = node('service', service);
      const topicNode = node('topic', topic);
      if (kind === 'sent') edge('send', serviceNode, topicNode, flow);
      else if (group !== '') {
        const groupNode = node('group', group);
        edge('receive', topicNode, groupNode, flow);
        edge('run', groupNode, serviceNode, flow);
      }
    }
    return { nodes: [...nodes.values()], edges: [...edges.values()] };
  }

  private flow(kind: Flow['kind'], source: Source, service: string, topic: string, group: string): Flow {
    const key = JSON.stringify([kind, source, service, topic, group]);
    const known = this.flows.get(key);
    if (known) return known;
    const seconds = new Seconds(2 * RATE_SECONDS);
    const flow: Flow = { kind, source, service, topic, group, total: 0, errors: 0, seconds };
    if (this.flows.size < MAX_FLOWS) this.flows.set(key, flow);
    return flow;
  }
}
