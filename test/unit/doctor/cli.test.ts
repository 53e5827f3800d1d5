import { asText } from '../../../src/doctor/cli';
import type { Diagnosis } from '../../../src/doctor/diagnose';

const diagnosis: Diagnosis = {
  verdict: 'will not flow',
  flows: false,
  findings: [
    { code: 'node.ok', level: 'ok', what: 'Node.js 24.0.0 is supported' },
    {
      code: 'loading.late',
      level: 'problem',
      what: 'producer.js loads kafkajs before tracing.js loads the instrumentation',
      why: 'the clients that producer.js creates are not traced',
      do: 'Start with `node --require ./tracing.js app.js`, or load it in the first line of app.js.',
      file: 'producer.js',
      line: 2,
    },
  ],
  summary: 'No spans of Kafka clients would leave app.js: 1 problem to fix.',
};

test('a terminal gets lines that are not longer than it is wide', () => {
  expect(asText(diagnosis, { width: 60, hasColors: false })).toBe(`Will flow:
  Node.js 24.0.0 is supported

Will not flow:
  problem: producer.js loads kafkajs before tracing.js loads
    the instrumentation. (producer.js:2) [loading.late]
    why: the clients that producer.js creates are not
         traced.
    do:  Start with \`node --require ./tracing.js app.js\`, or
         load it in the first line of app.js.

No spans of Kafka clients would leave app.js: 1 problem to
fix.
`);
});

test('a log gets one line for each part of a finding', () => {
  const text = asText(diagnosis, { width: Infinity, hasColors: false });
  expect(text).toContain(
    '  problem: producer.js loads kafkajs before tracing.js loads the instrumentation. (producer.js:2) [loading.late]\n',
  );
});

test('only the level and the summary have a color', () => {
  const colored = asText(diagnosis, { width: 80, hasColors: true });
  expect(colored).toContain('  \u001b[31mproblem\u001b[0m: producer.js');
  expect(colored).toContain('\u001b[31mNo spans of Kafka clients');
  // eslint-disable-next-line no-control-regex
  expect(colored.replace(/\u001b\[\d+m/g, '')).toBe(asText(diagnosis, { width: 80, hasColors: false }));
});
