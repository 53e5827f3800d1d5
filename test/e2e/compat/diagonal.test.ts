import { check } from '../../compat/check';
import { pack, type Packed } from '../../compat/install';
import { DEFAULTS, type Versions } from '../../compat/versions';

/**
 * The oldest and the newest supported versions, on the broker of this run. `npm run compat` also tests the versions in
 * between.
 */
const ENDS: Readonly<Record<string, Omit<Versions, 'kafka'>>> = {
  // Kafka 4 rejects some requests of older kafkajs versions.
  'the oldest Node.js, OpenTelemetry and kafkajs': { node: '18.19.1', kafkajs: '1.8.1', line: 'oldest 2.x' },
  'the newest Node.js, OpenTelemetry and kafkajs': {
    node: '26.10.0',
    kafkajs: '2.3.0-beta.3',
    line: '3.x',
  },
};

let packed: Packed;

beforeAll(async () => {
  packed = await pack();
});

afterAll(() => {
  packed.remove();
});

test.each(Object.entries(ENDS))(
  'the packed package does all it should, by register and by an own SDK, in CommonJS and ESM, with %s',
  async (_name, versions) => {
    const brokers = (process.env['KAFKA_BROKERS'] ?? '').split(',');
    const { faults } = await check({ ...versions, kafka: DEFAULTS.kafka }, packed, brokers);
    expect(faults).toEqual({ bare: [], 'register, CommonJS': [], 'register, ESM': [], 'own SDK': [] });
  },
  // The first run installs two Node.js versions and two SDKs.
  240_000,
);
