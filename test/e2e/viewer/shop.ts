import type {
  ConsumerGroup,
  Frame,
  MapEdge,
  MapNode,
  ServiceMap,
  Summary,
  Update,
} from '../../../viewer/src/page-data';

/** Data of a shop with three services, in the form that the server of the viewer sends. */
const node = (kind: MapNode['kind'], name: string, services: readonly string[] = []): MapNode => ({
  id: `${kind}:${name}`,
  kind,
  name,
  services,
});

type Figures = Partial<Pick<MapEdge, 'rate' | 'errors' | 'lag' | 'timeLag' | 'source'>>;

const edge = (
  kind: MapEdge['kind'],
  from: string,
  to: string,
  total: number,
  figures: Figures = {},
): MapEdge => ({
  kind,
  from,
  to,
  total,
  rate: 0,
  errors: 0,
  source: 'metrics',
  ...figures,
});

export const shopMap = (figures: Figures = {}): ServiceMap => ({
  nodes: [
    node('service', 'order-api'),
    node('service', 'payment-worker'),
    node('service', 'receipt-mailer'),
    node('topic', 'orders'),
    node('topic', 'receipts'),
    node('topic', 'orders-dead-letters'),
    node('group', 'payments', ['payment-worker']),
    node('group', 'mails', ['receipt-mailer']),
  ],
  edges: [
    edge('send', 'service:order-api', 'topic:orders', 1_204, { rate: 36.4 }),
    edge('receive', 'topic:orders', 'group:payments', 1_191, {
      rate: 31,
      errors: 3,
      lag: 112,
      timeLag: 2.4,
      ...figures,
    }),
    edge('run', 'group:payments', 'service:payment-worker', 1_191, { rate: 31, errors: 3 }),
    edge('send', 'service:payment-worker', 'topic:receipts', 1_188, { rate: 30 }),
    edge('send', 'service:payment-worker', 'topic:orders-dead-letters', 3),
    edge('receive', 'topic:receipts', 'group:mails', 1_188, { rate: 30, lag: 0, timeLag: 0 }),
    edge('run', 'group:mails', 'service:receipt-mailer', 1_188, { rate: 30 }),
  ],
});

/** Adds services, a group that two services run, a topic for retries, and long names. */
export function bigMap(): ServiceMap {
  const { nodes, edges } = shopMap();
  return {
    nodes: [
      ...nodes,
      node('service', 'web-shop'),
      node('service', 'inventory'),
      node('service', 'shipping'),
      node('service', 'analytics'),
      node('service', 'fraud-detection'),
      node('topic', 'clicks'),
      node('topic', 'inventory-changes-compacted-by-warehouse'),
      node('topic', 'orders-retry-5m'),
      node('group', 'inventory', ['inventory']),
      node('group', 'shipping-europe', ['shipping']),
      node('group', 'shipping-america', ['shipping']),
      node('group', 'analytics', ['analytics']),
      node('group', 'audit', ['analytics', 'fraud-detection']),
      node('group', 'retries', ['payment-worker']),
    ],
    edges: [
      ...edges,
      edge('send', 'service:web-shop', 'topic:clicks', 91_204, { rate: 1_204.4 }),
      edge('send', 'service:web-shop', 'topic:orders', 4, { source: 'spans' }),
      edge('receive', 'topic:clicks', 'group:analytics', 50_000, { rate: 700, lag: 41_204, timeLag: 5_400 }),
      edge('receive', 'topic:orders', 'group:inventory', 1_208, { rate: 30, lag: 0, timeLag: 0 }),
      edge('receive', 'topic:orders', 'group:audit', 1_208, { rate: 30, source: 'spans' }),
      edge('run', 'group:audit', 'service:analytics', 600, { rate: 15 }),
      edge('run', 'group:audit', 'service:fraud-detection', 608, { rate: 15 }),
      edge('send', 'service:inventory', 'topic:inventory-changes-compacted-by-warehouse', 1_000, {
        rate: 25,
      }),
      ...['europe', 'america'].map(where =>
        edge('receive', 'topic:inventory-changes-compacted-by-warehouse', `group:shipping-${where}`, 500, {
          rate: 12,
          lag: 2,
          timeLag: 0.2,
        }),
      ),
      edge('send', 'service:payment-worker', 'topic:orders-retry-5m', 40, { rate: 1 }),
      edge('receive', 'topic:orders-retry-5m', 'group:retries', 38, { rate: 1, lag: 2, timeLag: 12 }),
    ],
  };
}

/** Six services. Each sends messages to the next one. */
export function chainMap(): ServiceMap {
  const steps = ['checkout', 'orders', 'payments', 'packing', 'shipping', 'billing'];
  const links = steps.slice(1).map((to, index) => ({ from: steps[index] ?? '', to }));
  return {
    nodes: [
      ...steps.map(name => node('service', name)),
      ...links.map(({ to }) => node('topic', `${to}-requests`)),
      ...links.map(({ to }) => node('group', to, [to])),
    ],
    edges: links.flatMap(({ from, to }) => [
      edge('send', `service:${from}`, `topic:${to}-requests`, 900, { rate: 9 }),
      edge('receive', `topic:${to}-requests`, `group:${to}`, 900, { rate: 9, lag: 3, timeLag: 0.1 }),
      edge('run', `group:${to}`, `service:${to}`, 900, { rate: 9 }),
    ]),
  };
}

/** Twelve boxes: two services send to topics that three others read. */
export function twelveMap(): ServiceMap {
  const readers = ['invoice-worker', 'shipping-worker', 'newsletter'];
  const topics = ['orders', 'customers', 'returns', 'payments'];
  return {
    nodes: [
      node('service', 'order-api'),
      node('service', 'customer-api'),
      ...[...readers, 'archive', 'payment-worker', 'returns'].map(name => node('service', name)),
      ...topics.map(name => node('topic', name)),
      ...[...readers, 'archive', 'payment-worker', 'returns'].map(name => node('group', name, [name])),
    ],
    edges: [
      edge('send', 'service:order-api', 'topic:orders', 90, { rate: 9 }),
      edge('send', 'service:order-api', 'topic:returns', 9, { rate: 0.9 }),
      edge('send', 'service:customer-api', 'topic:customers', 9, { rate: 0.9 }),
      edge('send', 'service:payment-worker', 'topic:payments', 9, { rate: 0.9 }),
      ...(
        [
          ['orders', 'payment-worker'],
          ['customers', 'newsletter'],
          ['returns', 'returns'],
          ['payments', 'invoice-worker'],
          ['payments', 'shipping-worker'],
          ['payments', 'archive'],
        ] as const
      ).flatMap(([topic, group]) => [
        edge('receive', `topic:${topic}`, `group:${group}`, 90, { rate: 9, lag: 1_200, timeLag: 42 }),
        edge('run', `group:${group}`, `service:${group}`, 90, { rate: 9 }),
      ]),
    ],
  };
}

const SECOND = Math.floor(Date.now() / 1000);

export const shopFrames: readonly Frame[] = Array.from({ length: 60 }, (_, index) => ({
  at: SECOND - 60 + index,
  values: {
    'sent order-api': 36 + 10 * Math.sin(index / 7),
    'consumed payment-worker': 31 + 8 * Math.sin(index / 7),
    'sent payment-worker': 30 + 8 * Math.sin(index / 7),
    'consumed receipt-mailer': 30,
    'lag payments': 112,
    'lag mails': 0,
    'timeLag payments': 2.4,
    'timeLag mails': 0,
    'p50 payments': 12.4,
    'p95 payments': 48.1,
    'p99 payments': 261,
    'errors payment-worker': index % 20 === 0 ? 1 : 0,
  },
}));

export const shopGroups: readonly ConsumerGroup[] = [
  {
    group: 'payments',
    members: [
      {
        service: 'payment-worker',
        instance: 'host-7:48121',
        clientId: 'payments',
        assigned: { orders: 2 },
        heartbeatAge: 0.8,
        rebalances: 1,
        crashes: 0,
        lastSeen: Date.now(),
      },
      {
        service: 'payment-worker',
        instance: 'host-7:48122',
        assigned: {},
        rebalances: 2,
        crashes: 1,
        lastSeen: Date.now(),
      },
    ],
    partitions: [
      { topic: 'orders', partition: '0', lag: 60, timeLag: 2.4 },
      { topic: 'orders', partition: '1', lag: 52, timeLag: 2 },
    ],
    processing: { p50: 12.4, p95: 48.1, p99: 261, count: 1_191, source: 'spans' },
    errors: 3,
  },
  {
    group: 'mails',
    members: [],
    partitions: Array.from({ length: 30 }, (_, index) => ({
      topic: 'receipts',
      partition: String(index),
      lag: index === 17 ? 900 : 0,
      timeLag: index === 17 ? 31 : 0,
    })),
    errors: 0,
  },
];

export const summary = (id: string, change: Partial<Summary> = {}): Summary => ({
  id,
  name: 'POST /orders',
  service: 'order-api',
  services: ['order-api', 'payment-worker', 'receipt-mailer'],
  topics: ['orders', 'receipts'],
  spans: 6,
  errors: 0,
  start: Date.now() - 2_000,
  ms: 204.2,
  linked: [],
  linkedFrom: [],
  keys: ['order-1'],
  logs: 0,
  similar: 0,
  ...change,
});

export const shopUpdate = (change: Partial<Update> = {}): Partial<Update> => ({
  map: shopMap(),
  stored: { traces: 1_243, spans: 5_890, spanLimit: 100_000, removedTraces: 512 },
  frames: shopFrames,
  groups: shopGroups,
  errors: [
    { type: 'Error', service: 'payment-worker', count: 3, lastTrace: 'failed' },
    { type: 'KafkaJSNumberOfRetriesExceeded', service: 'order-api', count: 1, lastTrace: 'failed' },
  ],
  lastSeen: { 'order-api': Date.now(), 'payment-worker': Date.now(), 'receipt-mailer': Date.now() },
  ...change,
});

interface SpanSketch {
  readonly spanId: string;
  readonly name: string;
  readonly service: string;
  readonly kind: string;
  readonly start: number;
  readonly ms: number;
  readonly [more: string]: unknown;
}

const span = (sketch: SpanSketch) => ({
  depth: 0,
  scope: 'test',
  attributes: {},
  resource: { 'service.name': sketch.service },
  events: [],
  links: [],
  linkedFrom: [],
  logs: [],
  ...sketch,
});

/** An order whose first payment fails after it has waited in the topic. It has log records and many links. */
export const failedTrace = (id = 'failed') => ({
  id,
  start: Date.now(),
  ms: 204.2,
  logs: [{ at: 1, severity: 'INFO', body: 'order received', attributes: {} }],
  spans: [
    span({ spanId: 'http', name: 'POST /orders', service: 'order-api', kind: 'SERVER', start: 0, ms: 12.8 }),
    span({
      spanId: 'send',
      parent: 'http',
      depth: 1,
      name: 'send orders',
      service: 'order-api',
      kind: 'PRODUCER',
      start: 2,
      ms: 10,
      attributes: { 'messaging.destination.name': 'orders' },
      linkedFrom: [{ traceId: 'batch', spanId: 'all', name: 'process receipts', service: 'receipt-mailer' }],
    }),
    span({
      spanId: 'process',
      parent: 'send',
      name: 'process orders',
      service: 'payment-worker',
      kind: 'CONSUMER',
      start: 62,
      ms: 42.4,
      waitMs: 50,
      error: 'card declined for lamp',
      attributes: { 'messaging.destination.name': 'orders', 'messaging.kafka.offset': 7 },
      events: [
        {
          name: 'exception',
          at: 104,
          attributes: { 'exception.type': 'Error', 'exception.message': 'card declined for lamp' },
        },
      ],
      links: Array.from({ length: 88 }, (_, index) => ({
        traceId: `order${index}-trace`,
        spanId: 'send',
        ...(index < 80 ? { name: 'send orders', service: 'order-api' } : {}),
      })),
      logs: [
        { at: 70, severity: 'INFO', body: 'charging the card', attributes: { order: 'one' } },
        { at: 103, severity: 'ERROR', body: { code: 'declined' }, attributes: {} },
      ],
    }),
    span({
      spanId: 'receipt',
      name: 'process receipts',
      service: 'receipt-mailer',
      kind: 'CONSUMER',
      start: 203.9,
      ms: 0.3,
      missingParent: 'lost',
    }),
  ],
});
