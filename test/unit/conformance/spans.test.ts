import { samplingFaults, SEEN_BY_SAMPLER } from '../../conformance/sampling';
import { operationOf, spanFaults, type Declared } from '../../conformance/spans';
import { link, spans, type SpanRole } from './samples';
import type { ReceivedSpan } from '../../support/otlp';

const faultsOf = (span: ReceivedSpan, declared?: Declared) =>
  spanFaults(span, declared).map(({ rule, message }) => `${rule}: ${message}`);

/** Returns a correct span with other attributes. `undefined` removes an attribute. */
function having(
  role: SpanRole,
  attributes: Readonly<Record<string, unknown>>,
  rest: object = {},
): ReceivedSpan {
  const merged = Object.entries({ ...spans[role].attributes, ...attributes });
  return {
    ...spans[role],
    attributes: Object.fromEntries(
      merged.filter(([, value]) => value !== undefined),
    ) as ReceivedSpan['attributes'],
    ...rest,
  };
}

const failed = { status: { code: 'ERROR', message: '' } };

test.each(Object.keys(spans) as SpanRole[])('the good span %s passes', role => {
  expect(faultsOf(spans[role])).toEqual([]);
});

test('a key may be an empty text', () => {
  expect(faultsOf(having('send', { 'messaging.kafka.message.key': '' }))).toEqual([]);
});

const planted: readonly (readonly [string, ReceivedSpan, RegExp])[] = [
  ['no system', having('send', { 'messaging.system': undefined }), /neither messaging\.system nor/],
  ['another system', having('send', { 'messaging.system': 'rabbitmq' }), /must be "kafka"/],
  [
    'an unknown attribute',
    having('send', { 'messaging.kafka.colour': 'red' }),
    /colour is neither in the conventions/,
  ],
  [
    'an attribute that nobody defines',
    having('send', { colour: 'red' }),
    /colour is neither in the conventions/,
  ],
  [
    'a deprecated attribute',
    having('send', { 'messaging.kafka.message.offset': 7 }),
    /messaging\.kafka\.message\.offset does not belong to v1\.44; use messaging\.kafka\.offset/,
  ],
  [
    'a name of v1.45 in v1.44',
    having('process', { 'kafka.offset': 7 }),
    /kafka\.offset does not belong to v1\.44; use messaging\.kafka\.offset/,
  ],
  [
    'a name of v1.44 in v1.45',
    having('newer', { 'messaging.kafka.offset': 7 }),
    /messaging\.kafka\.offset does not belong to v1\.45; use kafka\.offset/,
  ],
  [
    "Last9's partition in v1.45",
    having('newer', { 'messaging.kafka.partition': 1 }),
    /messaging\.kafka\.partition does not belong to v1\.45/,
  ],
  [
    'two names with two values',
    having('both', { 'kafka.offset': 8 }),
    /messaging\.kafka\.offset and kafka\.offset differ: 7 and 8/,
  ],
  [
    'a name of v1.44 in v1.24',
    having('oldest', { 'messaging.kafka.offset': 7 }),
    /messaging\.kafka\.offset does not belong to v1\.24/,
  ],
  [
    'a partition as text in v1.24',
    having('oldest', { 'messaging.kafka.destination.partition': '1' }),
    /partition must be of type int, not "1"/,
  ],
  [
    'no operation in v1.24',
    having('oldestAdmin', { 'messaging.operation': undefined }),
    /messaging\.operation is required/,
  ],
  [
    'no group in v1.24',
    having('oldest', { 'messaging.kafka.consumer.group': undefined }),
    /messaging\.kafka\.consumer\.group is required/,
  ],
  [
    'an operation of v1.24 that differs from the type',
    having('all', { 'messaging.operation': 'publish' }),
    /messaging\.operation is "publish" where messaging\.operation\.type is "process"/,
  ],
  [
    'partitions of two versions that differ',
    having('all', { 'messaging.kafka.destination.partition': 2 }),
    /messaging\.kafka\.destination\.partition and messaging\.destination\.partition\.id differ: "2" and "1"/,
  ],
  [
    'a name of v1.44 in a span of v1.24',
    { ...spans.publish, name: 'send orders' },
    /name must be "orders publish"/,
  ],
  ['one of two names', having('both', { 'kafka.offset': undefined }), /differ: 7 and undefined/],
  [
    'a partition as a number',
    having('process', { 'messaging.destination.partition.id': 1 }),
    /partition\.id must be of type string, not 1/,
  ],
  [
    'an offset as text',
    having('process', { 'messaging.kafka.offset': '7' }),
    /offset must be of type int, not "7"/,
  ],
  [
    'an offset that is no integer',
    having('process', { 'messaging.kafka.offset': 7.5 }),
    /of type int, not 7\.5/,
  ],
  [
    'a captured header that is no list',
    having('process', { 'messaging.header.id': 'x' }),
    /of type string\[\], not "x"/,
  ],
  ['an empty value', having('process', { 'messaging.client.id': '' }), /of type string, not ""/],
  [
    'a former operation type',
    having('send', { 'messaging.operation.type': 'publish' }),
    /no operation of type "publish"/,
  ],
  [
    'an unknown operation type',
    having('send', { 'messaging.operation.type': 'shout' }),
    /no operation of type "shout"/,
  ],
  [
    'partitions that differ',
    having('process', { 'messaging.kafka.partition': 2 }),
    /partition is 2 where .* is "1"/,
  ],
  [
    'no operation name',
    having('send', { 'messaging.operation.name': undefined }),
    /operation\.name is required/,
  ],
  ['no group', having('process', { 'messaging.consumer.group.name': undefined }), /group\.name is required/],
  [
    'a group on a send',
    having('send', { 'messaging.consumer.group.name': 'g' }),
    /not an attribute of a span of type send/,
  ],
  [
    'an offset on a create span',
    having('create', { 'messaging.kafka.offset': 7 }),
    /not an attribute of a span of type create/,
  ],
  [
    'an outcome on a send',
    having('send', { 'kafka.transaction.outcome': 'committed' }),
    /not an attribute of a span of type send/,
  ],
  ['a wrong kind', { ...spans.process, kind: 'CLIENT' }, /of type process must be CONSUMER, not CLIENT/],
  ['a wrong kind of send', { ...spans.send, kind: 'CONSUMER' }, /must be PRODUCER or CLIENT, not CONSUMER/],
  ['a wrong kind of admin span', { ...spans.admin, kind: 'SERVER' }, /of type admin must be CLIENT/],
  ['a name in the wrong order', { ...spans.send, name: 'orders send' }, /name must be "send orders"/],
  [
    'a topic in the name that is not the destination',
    having('send', { 'messaging.destination.name': undefined }),
    /name must be "send"/,
  ],
  [
    'an error without status',
    having('send', { 'error.type': 'TIMEOUT' }),
    /status is UNSET and error\.type "TIMEOUT"/,
  ],
  ['a status without error', having('send', {}, failed), /status is ERROR and error\.type absent/],
  ['a status of OK', having('send', {}, { status: { code: 'OK', message: '' } }), /must be UNSET/],
  [
    'another event',
    having('send', {}, { events: [{ name: 'retry', time: 0n, attributes: {} }] }),
    /not have an event "retry"/,
  ],
  [
    'an offset on a batch',
    having('batch', { 'messaging.kafka.offset': 7 }),
    /offset is only for spans of one message, but this span has 3/,
  ],
  [
    'a key on a batch',
    having('batch', { 'messaging.kafka.message.key': 'k' }),
    /key is only for spans of one message/,
  ],
  ['a negative batch', having('batch', { 'messaging.batch.message_count': -1 }), /a batch of -1 messages/],
  [
    'neither batch nor message',
    having('process', { 'messaging.kafka.offset': undefined }),
    /neither .*message_count nor the offset/,
  ],
  [
    'a tombstone attribute of false',
    having('process', { 'messaging.kafka.message.tombstone': false }),
    /must be absent unless it is true/,
  ],
  [
    'a port without address',
    having('process', { 'server.address': undefined }),
    /it has server\.port, but no server\.address/,
  ],
  [
    'a partition without a topic',
    having('commit', { 'messaging.destination.name': undefined }, { name: 'commit' }),
    /it has a partition, but no messaging\.destination\.name/,
  ],
  ['a consumer without links', { ...spans.process, links: [] }, /has no links/],
  ['a CLIENT send without links', { ...spans.client, links: [] }, /must link to the contexts/],
  ['a link twice', { ...spans.batch, links: [link('a'), link('a')] }, /two links to the same span/],
  [
    'a link of a wrong type',
    { ...spans.batch, links: [link('a', { 'messaging.kafka.offset': '7' })] },
    /of type int, not "7"/,
  ],
  [
    'a message on the link of a message',
    { ...spans.process, links: [link('a', { 'messaging.kafka.offset': 7 })] },
    /span of one message must have/,
  ],
];

test.each(planted)('a span is rejected for %s', (_, span, message) => {
  expect(faultsOf(span)).toContainEqual(expect.stringMatching(message));
});

describe('a program that declares', () => {
  const renamed: ReceivedSpan = {
    ...having('process', { 'messaging.operation.name': 'receive' }),
    name: 'kafka receive "orders"',
  };
  const parentOnly: ReceivedSpan = { ...spans.process, links: [] };

  test.each([
    ["the Go agent's names", renamed, { names: 'go-agent' }],
    ['names of v1.24', { ...spans.all, name: 'orders process' }, { names: '1.24' }],
    ['names of its own', { ...spans.send, name: 'to orders' }, { names: 'own' }],
    ['parents without links', parentOnly, { parentOnly: true }],
  ] as const)('%s may use them, and no other program may', (_, span, declared) => {
    expect(faultsOf(span, declared)).toEqual([]);
    expect(faultsOf(span)).not.toEqual([]);
  });

  test("the Go agent's names must use them", () => {
    expect(faultsOf(spans.send, { names: 'go-agent' })).toEqual([
      'name: its name must be "kafka send \\"orders\\""',
    ]);
  });
});

describe('the attributes that a sampler gets', () => {
  const seenBy = (span: ReceivedSpan, without: readonly string[] = []): ReceivedSpan => {
    const seen = Object.entries(span.attributes).filter(([name]) => !without.includes(name));
    return {
      ...span,
      attributes: { ...span.attributes, [SEEN_BY_SAMPLER]: JSON.stringify(Object.fromEntries(seen)) },
    };
  };

  test('may lack the partition and broker of a send', () => {
    expect(samplingFaults(seenBy(spans.process))).toEqual([]);
    const place = ['messaging.destination.partition.id', 'server.address', 'server.port'];
    expect(samplingFaults(seenBy(spans.send, place))).toEqual([]);
  });

  test.each([
    ['send', 'messaging.destination.name'],
    ['process', 'messaging.destination.partition.id'],
    ['process', 'messaging.consumer.group.name'],
    ['process', 'server.address'],
    ['commit', 'messaging.operation.name'],
  ] as const)('of a %s span include %s', (role, name) => {
    const faults = samplingFaults(seenBy(spans[role], [name]));
    expect(faults.map(({ message }) => message)).toEqual([
      expect.stringMatching(new RegExp(`^${name} is .*, but was undefined at the sampling decision$`)),
    ]);
  });

  test('are not checked for spans without operation type', () => {
    expect([spans.admin, spans.transaction].map(operationOf)).toEqual(['admin', 'transaction']);
    expect([spans.admin, spans.transaction].flatMap(samplingFaults)).toEqual([]);
    expect(samplingFaults(spans.send)).toHaveLength(1);
  });
});
