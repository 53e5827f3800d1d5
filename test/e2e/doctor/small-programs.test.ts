import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installPackages } from '../../support/installed';
import { startProgram } from '../../support/program';
import { SMALL_PROGRAMS } from '../../support/small-programs';

/** The setups that are run. The other programs of the table differ from them only in ways that the unit test covers. */
const RUN: Readonly<Record<string, readonly string[]>> = {
  CommonJS: [
    'register with --import',
    'a tracing file that is loaded last',
    'an instrumentation that is not created',
  ],
  'ES module': [
    'register with --require',
    'a preloaded tracing file',
    'a tracing file that is loaded first',
    'a tracing file that is loaded last',
    'a sampler that keeps nothing',
  ],
};
const programs = SMALL_PROGRAMS.filter(
  ({ client, language, setup }) => client === 'kafkajs' && RUN[language]?.includes(setup),
);

test.concurrent.each(programs)(
  '$language, $setup: spans arrive only if the doctor says so',
  async ({ language, files, command, environment, issues }) => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'doctor-')));
    try {
      const manifest = { name: 'shop', ...(language === 'ES module' && { type: 'module' }) };
      for (const [name, content] of Object.entries({ ...files, 'package.json': JSON.stringify(manifest) }))
        writeFileSync(join(folder, name), content);
      installPackages(folder);
      const program = startProgram({
        args: command.slice(1),
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
