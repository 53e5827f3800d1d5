import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCollector } from '../../support/collector';
import { installOtherApi, installPackages } from '../../support/installed';
import { otlpEnvironment, projectRoot, startProgram } from '../../support/program';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

/** Installs a project of fixtures/doctor outside this repository, as `npm install` would. */
function install(name: string): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'doctor-')));
  folders.push(folder);
  cpSync(join(projectRoot, 'fixtures/doctor', name), folder, { recursive: true });
  installPackages(folder);
  return folder;
}

async function bundle(folder: string): Promise<void> {
  const esbuild = createRequire(require.resolve('tsx/package.json'))('esbuild') as {
    build(options: object): Promise<unknown>;
  };
  const entry = join(folder, 'app.js');
  await esbuild.build({
    entryPoints: [entry],
    outfile: join(folder, 'bundle.js'),
    bundle: true,
    minify: true,
    platform: 'node',
  });
}

interface Case {
  readonly what: string;
  readonly project: string;
  readonly prepare?: (folder: string) => void | Promise<void>;
  readonly env?: Readonly<Record<string, string>>;
  /** The problem that the doctor must report. If undefined, the program must export spans. */
  readonly problem?: string;
}

const cases: readonly Case[] = [
  { what: 'a program that is preloaded', project: 'preloaded' },
  { what: 'an ES module that is preloaded', project: 'preloaded-module' },
  { what: 'a program with an SDK of its own', project: 'own-sdk' },
  { what: 'a program that does not load this package', project: 'bare', problem: 'loading.none' },
  {
    what: 'the same, preloaded by NODE_OPTIONS',
    project: 'bare',
    env: { NODE_OPTIONS: '--require @org/kafka-otel/register' },
  },
  { what: 'a tracing file that is loaded after the clients', project: 'late', problem: 'loading.late' },
  { what: 'an SDK that is not started', project: 'not-started', problem: 'sdk.notStarted' },
  { what: 'a bundle with kafkajs in it', project: 'bundled', prepare: bundle, problem: 'clients.inlined' },
  {
    what: 'two versions of the API package',
    project: 'preloaded',
    prepare: installOtherApi,
    problem: 'api.versions',
  },
  {
    what: 'register in attach mode without an SDK',
    project: 'preloaded',
    env: { OTEL_INSTRUMENTATION_KAFKA_REGISTER: 'attach' },
    problem: 'sdk.none',
  },
  {
    what: 'a kill switch',
    project: 'own-sdk',
    env: { OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'kafkajs' },
    problem: 'environment.off',
  },
  {
    what: "the path of a signal in the base of the exporter's address",
    project: 'preloaded',
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: '{collector}/v1/traces' },
    problem: 'exporter.path',
  },
];

/**
 * A program waits less than a second for its last export. On a busy machine, this may be too short, so the test repeats
 * programs whose spans must arrive.
 */
const MAX_RUNS = 5;

test.concurrent.each(cases)(
  'the verdict on $what matches a run of it',
  async ({ project, prepare, env = {}, problem }) => {
    const folder = install(project);
    await prepare?.(folder);
    const collector = await startCollector();
    try {
      const own = Object.entries(env).map(([name, value]) => [
        name,
        value.replace('{collector}', collector.url),
      ]);
      const settings = {
        cwd: folder,
        env: { ...otlpEnvironment(collector), ...(Object.fromEntries(own) as typeof env) },
      };
      // Start the doctor without the preloads of the program, because the doctor itself is not traced.
      const doctor = startProgram({
        ...settings,
        args: [join(projectRoot, 'dist/doctor.js'), 'doctor', '--json'],
      });
      const { code } = await doctor.exit;
      const { flows, findings } = JSON.parse(doctor.stdout) as {
        flows: boolean;
        findings: { level: string; code: string }[];
      };
      expect(findings.filter(({ level }) => level === 'problem').map(each => each.code)).toEqual(
        problem === undefined ? [] : [problem],
      );

      const { scripts } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
        scripts: { start: string };
      };
      const hasArrived = () => collector.spans.some(({ name }) => name === 'send orders');
      for (let runs = 0; runs < (flows ? MAX_RUNS : 1) && !hasArrived(); runs++) {
        const program = startProgram({
          ...settings,
          execArgv: ['--require', join(projectRoot, 'fixtures/kafkajs-alone.cjs')],
          args: scripts.start.split(' ').slice(1),
        });
        expect({ ...(await program.exit), ms: 0 }).toEqual({ code: 0, signal: null, ms: 0 });
      }
      const arrived = hasArrived();
      expect({ arrived, flows, code }).toEqual({
        arrived: flows,
        flows: problem === undefined,
        code: flows ? 0 : 1,
      });
    } finally {
      await collector.close();
    }
  },
);
