import { cpSync, realpathSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { poll } from '../e2e/viewer/poll';
import type { TraceList } from '../../viewer/src/page-data';
import type { TraceView } from '../../viewer/src/serving/trace-view';
import { FRAMEWORK_DEADLINE_MS, frameworkLab, makeLabProject } from '../support/frameworks';
import { projectRoot, startProgram, type Program } from '../support/program';
import { createTopics } from '../support/topics';

const EXAMPLE = join(projectRoot, 'examples', 'nextjs');

let lab: string;
let folder: string;
// This may install Next.js.
beforeAll(async () => {
  lab = await frameworkLab('nextjs');
}, FRAMEWORK_DEADLINE_MS);
beforeEach(() => {
  folder = realpathSync(makeLabProject(lab));
  cpSync(EXAMPLE, folder, { recursive: true });
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Stops viewers with SIGTERM, because a viewer that is killed cannot stop its command. */
async function stop(...viewers: readonly Program[]): Promise<void> {
  for (const viewer of viewers) viewer.kill('SIGTERM');
  await Promise.all(viewers.map(({ exit }) => exit));
}

/** Runs a command of the example in the viewer, with the executables that `npm start` would use. */
function startViewer(args: readonly string[], env: Readonly<Record<string, string>> = {}): Program {
  return startProgram({
    execArgv: ['--require', require.resolve('tsx/cjs')],
    args: [join(projectRoot, 'viewer', 'src', 'cli.ts'), ...args],
    cwd: folder,
    env: {
      KAFKA_BROKERS: process.env['KAFKA_BROKERS'],
      NEXT_TELEMETRY_DISABLED: '1',
      NODE_NO_WARNINGS: '1',
      PORT: '0',
      PATH: [join(lab, 'node_modules', '.bin'), process.env['PATH']].join(delimiter),
      ...env,
    },
  });
}

test.each([
  ['next start', ['next', 'start']],
  ['next dev', ['next', 'dev']],
])(
  'with %s, a request, its message and the handling of the message are one trace',
  async (command, words) => {
    const { orders } = await createTopics({ orders: 1 });
    const env = { ORDERS_TOPIC: orders, GROUP_ID: orders };
    if (command === 'next start') {
      const build = startProgram({
        args: [join(lab, 'node_modules', 'next', 'dist', 'bin', 'next'), 'build'],
        cwd: folder,
        env: { NEXT_TELEMETRY_DISABLED: '1' },
      });
      expect((await build.exit).code).toBe(0);
    }
    const viewer = startViewer(['--port', '0', '--', ...words], env);
    const viewers = [viewer];
    try {
      const [, page = ''] = await viewer.line(/live: (http:\/\/127\.0\.0\.1:\d+)/);
      const [, site = ''] = await viewer.line(/Local: +(http:\/\/localhost:\d+)/);
      viewers.push(startViewer(['--port', new URL(page).port, '--', 'node', 'worker.cjs'], env));
      await viewers[1]?.line('worker is ready');
      const answer = await fetch(`${site}/orders`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ item: 'lamp', quantity: 2 }),
      });
      expect(answer.status).toBe(202);

      const list = await poll<TraceList>(`${page}/traces?topic=${orders}`, ({ traces }) => traces.length > 0);
      const { spans } = await poll<TraceView>(`${page}/traces/${list.traces[0]?.id ?? ''}`, view =>
        [`process ${orders}`, 'POST /orders'].every(wanted => view.spans.some(({ name }) => name === wanted)),
      );
      const roots = spans.filter(({ parent }) => parent === undefined);
      expect(roots).toMatchObject([{ name: 'POST /orders', kind: 'SERVER' }]);
      const sent = spans.find(({ name }) => name === `send ${orders}`);
      expect(sent?.kind).toBe('PRODUCER');
      expect(spans.find(({ name }) => name === `process ${orders}`)).toMatchObject({
        kind: 'CONSUMER',
        parent: sent?.spanId,
      });
    } finally {
      await stop(...viewers);
    }
  },
);
