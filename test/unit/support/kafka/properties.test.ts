import { brokerProperties, zookeeperProperties } from '../../../support/kafka/properties';

const lines = (text: string): string[] => text.trimEnd().split('\n');
const kraft = { mode: 'kraft', controllerPort: 2001 } as const;

test('the first node of a KRaft cluster is broker and controller, and listens only on the loopback address', () => {
  const text = brokerProperties({ version: '4.4.0', data: '/d', id: 1, port: 2000, cluster: kraft });
  expect(lines(text)).toEqual(
    expect.arrayContaining([
      'node.id=1',
      'process.roles=broker,controller',
      'controller.quorum.voters=1@127.0.0.1:2001',
      'listeners=PLAINTEXT://127.0.0.1:2000,CONTROLLER://127.0.0.1:2001',
      'advertised.listeners=PLAINTEXT://127.0.0.1:2000',
      'log.dirs=/d',
    ]),
  );
  expect(text).not.toContain('zookeeper');
});

test('every other node is a broker with the first one as its controller', () => {
  const text = brokerProperties({ version: '4.4.0', data: '/d', id: 2, port: 2000, cluster: kraft });
  expect(lines(text)).toEqual(
    expect.arrayContaining([
      'node.id=2',
      'process.roles=broker',
      'controller.quorum.voters=1@127.0.0.1:2001',
      'listeners=PLAINTEXT://127.0.0.1:2000',
    ]),
  );
});

test('a version before KRaft gets the address of ZooKeeper and no roles', () => {
  const cluster = { mode: 'zookeeper', zookeeperPort: 2002 } as const;
  const text = brokerProperties({ version: '2.6.3', data: '/d', id: 1, port: 2000, cluster });
  expect(lines(text)).toEqual(
    expect.arrayContaining([
      'broker.id=1',
      'zookeeper.connect=127.0.0.1:2002',
      'listeners=PLAINTEXT://127.0.0.1:2000',
    ]),
  );
  expect(text).not.toMatch(/process\.roles|controller\./);
});

test('internal topics need only one broker, and a group starts without a delay', () => {
  const settings = { data: '/d', id: 1, port: 2000, cluster: kraft };
  const newest = lines(brokerProperties({ ...settings, version: '4.4.0' }));
  const common = [
    'auto.create.topics.enable=true',
    'offsets.topic.replication.factor=1',
    'offsets.topic.num.partitions=3',
    'transaction.state.log.replication.factor=1',
    'transaction.state.log.min.isr=1',
    'transaction.state.log.num.partitions=3',
    'group.initial.rebalance.delay.ms=0',
  ];
  expect(newest).toEqual(
    expect.arrayContaining([...common, 'share.coordinator.state.topic.replication.factor=1']),
  );
  const older = lines(brokerProperties({ ...settings, version: '3.9.1' }));
  expect(older).toEqual(expect.arrayContaining(common));
  expect(older.filter(line => line.startsWith('share.'))).toEqual([]);
});

test('a folder name with backslashes or non-ASCII characters is escaped', () => {
  const text = zookeeperProperties(String.raw`/tmp/Zoë\x`, 2002);
  expect(lines(text)).toContain(String.raw`dataDir=/tmp/Zo\u00eb\\x`);
});
