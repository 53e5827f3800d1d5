import { join } from 'node:path';
import { startProgram, type Program } from '../support/program';
import { suffixIn } from './demo-topics';

export const startDemo = (
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
): Program => startProgram({ execArgv: ['--require', 'tsx/cjs'], file: join('demo', 'main.ts'), args, env });

/** Returns the traces that a demo has printed, without the suffix of its topic names. */
export const tracesOf = (demo: Program): string[] =>
  demo.stdout
    .replaceAll(suffixIn(demo), '')
    .split(/\n(?=trace )/)
    .slice(1);

/** Returns names, services, kinds and errors of the spans in a printed trace. */
export const shape = (tree: string): string[] =>
  tree
    .split('\n')
    .slice(1)
    .map(line =>
      line
        .replace(/\d+\.\d+ m?s.*/, '')
        .trimEnd()
        .replace(/ {2,}(?=[a-z])/g, '  '),
    )
    .filter(line => /(server|producer|consumer|client)$/.test(line) || line.includes('✖'));

/** Compares the traces of the first two steps of the demo. */
export function expectTraces(one: string, declined: string): void {
  expect(shape(one)).toEqual([
    'POST  order-api  server',
    '└─ send orders  order-api  producer',
    '   └─ process orders  payment-worker  consumer',
    '      ├─ pg.query:INSERT postgres  payment-worker  client',
    '      └─ send receipts  payment-worker  producer',
    '         └─ process receipts  receipt-mailer  consumer',
  ]);
  expect(shape(declined)).toEqual([
    'POST  order-api  server',
    '└─ send orders  order-api  producer',
    '   ├─ process orders  payment-worker  consumer',
    '   │     ✖ Error: card declined for lamp',
    '   └─ process orders  payment-worker  consumer',
    '      └─ send orders-dead-letters  payment-worker  producer',
  ]);
}
