import { cpSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCollector } from '../../support/collector';
import { confluentLab, LAB_DEADLINE_MS } from '../../support/confluent';
import { linkPackages } from '../../support/installed';
import { otlpEnvironment, projectRoot, startProgram } from '../../support/program';

/** A project with Confluent's client, as `npm install` would create it. */
let folder: string;
beforeAll(async () => {
  const lab = await confluentLab();
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'doctor-')));
  cpSync(join(projectRoot, 'fixtures/doctor/confluent'), folder, { recursive: true });
  linkPackages(folder, ['@opentelemetry/api', '@opentelemetry/sdk-node', '@org/kafka-otel']);
  symlinkSync(join(lab, 'node_modules/@confluentinc'), join(folder, 'node_modules/@confluentinc'));
}, LAB_DEADLINE_MS);
afterAll(() => {
  rmSync(folder, { recursive: true });
});

test.each([
  { what: 'a program that uses the promise API', file: 'app.js', problems: [], spans: ['send orders'] },
  { what: 'a program that uses the root API', file: 'root.js', problems: ['clients.rootApi'], spans: [] },
])('the verdict on $what matches a run of it', async ({ file, problems, spans }) => {
  const collector = await startCollector();
  try {
    const settings = { cwd: folder, env: otlpEnvironment(collector) };
    const doctor = startProgram({
      ...settings,
      args: [join(projectRoot, 'dist/doctor.js'), 'doctor', '--json', file],
    });
    const { code } = await doctor.exit;
    const { flows, findings } = JSON.parse(doctor.stdout) as {
      flows: boolean;
      findings: { level: string; code: string }[];
    };
    expect(findings.filter(({ level }) => level === 'problem').map(each => each.code)).toEqual(problems);
    expect({ flows, code }).toEqual({ flows: spans.length > 0, code: spans.length > 0 ? 0 : 1 });

    const program = startProgram({
      ...settings,
      file,
      execArgv: [
        '--require',
        join(projectRoot, 'fixtures/kafkajs-alone.cjs'),
        '--require',
        '@org/kafka-otel/register',
      ],
    });
    expect({ ...(await program.exit), ms: 0 }).toEqual({ code: 0, signal: null, ms: 0 });
    expect(collector.spans.map(({ name }) => name)).toEqual(spans);
  } finally {
    await collector.close();
  }
});
