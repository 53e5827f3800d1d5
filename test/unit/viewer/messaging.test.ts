import type { Attributes } from '../../../viewer/src/otlp/decode';
import { digestOf } from '../../../viewer/src/store/digest';
import { Measurements } from '../../../viewer/src/store/measurements';
import { details, indexSpans } from '../../../viewer/src/tree/details';
import { receivedSpan } from '../support/received';

const NAMES: Readonly<Record<string, Attributes>> = {
  '1.24': {
    'messaging.operation': 'process',
    'messaging.kafka.consumer.group': 'payers',
    'messaging.client_id': 'c1',
    'messaging.kafka.destination.partition': 0,
    'messaging.kafka.message.offset': 7,
    'messaging.kafka.message.key': 'one',
  },
  '1.44': {
    'messaging.operation.type': 'process',
    'messaging.consumer.group.name': 'payers',
    'messaging.client.id': 'c1',
    'messaging.destination.partition.id': '0',
    'messaging.kafka.offset': 7,
    'messaging.kafka.message.key': 'one',
  },
  '1.45': {
    'messaging.operation.type': 'process',
    'messaging.consumer.group.name': 'payers',
    'messaging.client.id': 'c1',
    'messaging.destination.partition.id': '0',
    'kafka.offset': 7,
    'kafka.message.key': 'one',
  },
};

test.each(Object.keys(NAMES))('a span with the attribute names of v%s is understood', version => {
  const attributes = { ...NAMES[version], 'messaging.destination.name': 'orders' };
  const time = BigInt(Date.now()) * 1_000_000n;
  const span = receivedSpan('process orders', {
    kind: 'CONSUMER',
    service: 'worker',
    start: time,
    end: time,
    attributes,
  });
  const { topics, groups, keys } = digestOf('trace', [span], 0);
  expect({ topics, groups, keys }).toEqual({ topics: ['orders'], groups: ['payers'], keys: ['one'] });
  expect(details(span, false, indexSpans([span])).facts).toEqual(['topic orders', 'partition 0', 'offset 7']);

  const measurements = new Measurements();
  measurements.addSpans([span]);
  expect(measurements.groups()).toMatchObject([{ group: 'payers', members: [{ clientId: 'c1' }] }]);
  expect(measurements.map().edges).toMatchObject([
    { kind: 'receive', from: 'topic:orders', to: 'group:payers', total: 1 },
    { kind: 'run', from: 'group:payers', to: 'service:worker', total: 1 },
  ]);
});
