import { findPrometheus } from '../../../support/prometheus/find';

test('the error without Prometheus says how to install it', () => {
  expect(() => findPrometheus({ PATH: '/nowhere' })).toThrow(
    /^Prometheus was not found. Install it .*PROMETHEUS_BIN/,
  );
});

test('a wrong PROMETHEUS_BIN is an error, even if Prometheus is on the PATH', () => {
  expect(() => findPrometheus({ PATH: process.env['PATH'], PROMETHEUS_BIN: '/nowhere/prometheus' })).toThrow(
    'PROMETHEUS_BIN is /nowhere/prometheus, which does not exist. Set it to the path of Prometheus.',
  );
});
