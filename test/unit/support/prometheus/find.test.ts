import { findPrometheus } from '../../../support/prometheus/find';

test('without a Prometheus on the path one sentence says how to get one', () => {
  expect(() => findPrometheus({ PATH: '/nowhere' })).toThrow(
    /^No Prometheus on this machine: .*PROMETHEUS_BIN/,
  );
});

test('a Prometheus that was named and is not there is not replaced by another one', () => {
  expect(() => findPrometheus({ PATH: process.env['PATH'], PROMETHEUS_BIN: '/nowhere/prometheus' })).toThrow(
    'There is no Prometheus at /nowhere/prometheus (PROMETHEUS_BIN)',
  );
});
