import { mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { confluentLab, LAB_DEADLINE_MS } from '../../support/confluent';
import { installPackages } from '../../support/installed';
import { projectRoot, startProgram } from '../../support/program';
import { SMALL_PROGRAMS } from '../../support/small-programs';

/** The setups that this test runs. The unit test covers the differences to all other setups. */
const RUN: Readonly<Record<string, readonly string[]>> = {
  'kafkajs, CommonJS': [
    'register with --import',
    'a tracing file that is loaded last',
    'an instrumentation that is not created',
  ],
  'kafkajs, ES module': [
    'register with --require',
    'a preloaded tracing file',
    'a tracing file that is loaded first',
    'a tracing file that is loaded last',
    'a sampler that keeps nothing',
  ],
  'kafkajs, TypeScript': [
    'register with --require',
    'a tracing file that is loaded first',
    'a tracing file that is loaded last',
  ],
  '@confluentinc/kafka-javascript, CommonJS': [
    'register with --require',
    'a tracing file that is loaded last',
  ],
  '@confluentinc/kafka-javascript, ES module': ['a preloaded tracing file', 'nothing'],
  '@confluentinc/kafka-javascript, TypeScript': ['register with --require', 'an SDK that is not started'],
};
const programs = SMALL_PROGRAMS.filter(({ client, language, setup }) =>
  RUN[`${client}, ${language}`]?.includes(setup),
);
const TSX = join(projectRoot, 'node_modules/tsx/dist/cli.mjs');

let lab: string;
beforeAll(async () => {
  lab = await confluentLab();
}, LAB_DEADLINE_MS);

// Not concurrent, because jest starts concurrent tests before `beforeAll` has finished.
test.each(programs)(
  '$client, $language, $setup: spans arrive only if the doctor says so',
  async ({ language, files, command, environment, issues }) => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'doctor-')));
    try {
      const manifest = { name: 'shop', ...(language === 'ES module' && { type: 'module' }) };
      for (const [name, content] of Object.entries({ ...files, 'package.json': JSON.stringify(manifest) }))
        writeFileSync(join(folder, name), content);
      installPackages(folder);
      symlinkSync(join(lab, 'node_modules/@confluentinc'), join(folder, 'node_modules/@confluentinc'));
      const program = startProgram({
        args: [...(command[0] === 'tsx' ? [TSX] : []), ...command.slice(1)],
        cwd: folder,
        env: {
          OTEL_TRACES_EXPORTER: 'console',
          OTEL_METRICS_EXPORTER: 'none',
          OTEL_LOGS_EXPORTER: 'none',
          ...environment,
        },
      });
      expect({ ...(await program.exit), ms: 0 }).toEqual({ code: 0, signal: null, ms: 0 });
      expect(program.stdout.includes("name: 'send orders'")).toBe(
        !issues.some(issue => issue.startsWith('problem')),
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);
