// `npm run test:observability` uses real programs (Prometheus 3 with its OTLP receiver, and Docker Compose's parser) to
// check what the other tests of the dashboard, the rules and the compose file assume. Needs Go.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { projectRoot } from '../support/program';
import { buildComposeCheck, buildPrometheus } from './go';
import { compareTranslation } from './translation';

const print = (line: string): boolean => process.stdout.write(`${line}\n`);
const run = (program: string, ...args: string[]): string =>
  execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim();

async function main(): Promise<number> {
  const services = run(buildComposeCheck(), join(projectRoot, 'docker-compose.yml'));
  print(`docker-compose.yml: ${services.replaceAll('\n', ', ')}`);

  const { prometheus, promtool } = buildPrometheus();
  const folder = join(projectRoot, 'observability', 'prometheus');
  print(run(promtool, 'check', 'config', join(folder, 'prometheus.yaml')));
  print(run(promtool, 'test', 'rules', join(folder, 'rules', 'kafka.test.yaml')));

  const { same, onlyReceived, onlyTranslated } = await compareTranslation(prometheus);
  print(`OTLP to Prometheus: ${same} series are the same`);
  for (const series of onlyReceived) print(`  only received over OTLP: ${series}`);
  for (const series of onlyTranslated) print(`  only in our translation: ${series}`);
  return same > 0 && onlyReceived.length + onlyTranslated.length === 0 ? 0 : 1;
}

main().then(
  status => {
    process.exitCode = status;
  },
  (error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exitCode = 1;
  },
);
