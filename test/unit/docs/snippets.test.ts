import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parse as parseYaml } from 'yaml';
import { CODE, compile } from '../../docs/types';
import { createLineCheck } from '../../docs/log-lines';
import { ROOT, placeOf, readPages, type Fence } from '../../docs/pages';

const fences = readPages().flatMap(page => page.fences);
const isCode = ({ language }: Fence) => CODE.some(each => each === language);

test('every code block has a language that a test checks', () => {
  const CHECKED = [...CODE, 'sh', 'text', 'json', 'yaml', 'dockerfile', 'promql', 'mermaid'];
  const others = fences.filter(({ language }) => !CHECKED.includes(language));
  expect(
    others.map(fence => `${placeOf(fence)}: "${fence.language}", not one of ${CHECKED.join(', ')}`),
  ).toEqual([]);
});

describe('code', () => {
  const snippets = fences.filter(isCode);
  const snippet = (text: string, given = '') => ({ text, notes: { given } });
  const wrong = [
    snippet("new KafkaJsInstrumentation({ producerSpan: 'message' });", 'KafkaJsInstrumentation'),
    snippet(
      'new KafkaJsInstrumentation({ batchHook: (span, { message }) => span.setAttribute("a", String(message)) });',
      'KafkaJsInstrumentation',
    ),
    snippet("const { withMessageSpans } = require('@org/kafka-otel');"),
    snippet('new KafkaJsInstrumentation({', 'KafkaJsInstrumentation'),
    snippet("producer.send({ topic: 'orders', messages: [] });"),
  ];
  const complaints = compile([...snippets, ...wrong]);

  test('compiles with the types of the packages that it uses', () => {
    expect(snippets.length).toBeGreaterThan(20);
    const faults = snippets.flatMap((fence, index) =>
      (complaints[index] ?? []).map(each => `${placeOf(fence)}: ${each}`),
    );
    expect(faults).toEqual([]);
  });

  test('does not compile with an unknown option, field, export or variable', () => {
    expect(complaints.slice(snippets.length).map(each => each.length > 0)).toEqual(wrong.map(() => true));
  });
});

test('JSON and YAML can be parsed', () => {
  const faults = fences.flatMap(fence => {
    try {
      if (fence.language === 'json') JSON.parse(fence.text);
      if (fence.language === 'yaml') parseYaml(fence.text);
      return [];
    } catch (error) {
      return [`${placeOf(fence)}: ${String(error)}`];
    }
  });
  expect(faults).toEqual([]);
});

describe('text', () => {
  const texts = fences.filter(({ language }) => language === 'text');
  // Other pages may also show the trace of an example.
  const tracesOfExamples = new Set(
    texts.filter(({ page }) => page.startsWith('examples/')).flatMap(({ text }) => text.trim().split('\n\n')),
  );
  const isTraceOfExample = (text: string) =>
    text
      .trim()
      .split('\n\n')
      .every(trace => tracesOfExamples.has(trace));
  const hasTest = (example: string) =>
    ['test/e2e/examples', 'test/loaders'].some(folder =>
      existsSync(join(ROOT, folder, `${example}.test.ts`)),
    );
  const kindOf = ({ page, text, notes }: Fence): string => {
    if (notes['output'] !== undefined) return 'output';
    const [, example] = /^examples\/([^/]+)\//.exec(page) ?? [];
    // The test of the example compares this tree with the received spans.
    if (example !== undefined && hasTest(example)) return 'trace';
    if (text.startsWith('kafka-otel: ')) return 'log';
    if (isTraceOfExample(text)) return 'trace';
    return text.startsWith('trace ') ? 'trace' : 'nothing known';
  };

  test('is a log, the trace of the demo, or what a command on the page prints', () => {
    const unknown = texts.filter(fence => kindOf(fence) === 'nothing known');
    expect(unknown.map(placeOf)).toEqual([]);
  });

  test('of a log is text that the sources write', () => {
    const isWritten = createLineCheck();
    const lines = texts
      .filter(fence => kindOf(fence) === 'log')
      .flatMap(({ text }) => text.trim().split('\n'));
    expect(lines.length).toBeGreaterThan(12);
    expect(lines.filter(line => !isWritten(line))).toEqual([]);
    expect(isWritten('kafka-otel: warning: kafkajs was loaded too early')).toBe(false);
    expect(isWritten('kafka-otel: warning: kafkajs: loaded too early')).toBe(false);
  });
});

test('every note is above a code block to which it applies', () => {
  const isAbout: Readonly<Record<string, (fence: Fence) => boolean>> = {
    given: isCode,
    file: isCode,
    output: ({ language }) => language === 'text',
  };
  const wrong = fences.flatMap(fence =>
    Object.keys(fence.notes)
      .filter(note => !isAbout[note]?.(fence))
      .map(note => `${placeOf(fence)}: ${note}`),
  );
  expect(wrong).toEqual([]);
});
