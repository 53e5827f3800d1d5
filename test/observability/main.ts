// `npm run test:observability`: what the tests of dashboard, rules and compose file take for granted, checked with the programs
// that people use them with: Prometheus 3 with its OTLP receiver, and the parser of Docker Compose. Needs Go.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { projectRoot } from '../support/program';
import { buildComposeCheck, buildPrometheus } from './go';
import { compareTranslation } from './translation';

const say = (line: string): boolean => process.stdout.write(`${line}\n`);
const run = (program: string, ...args: string[]): string =>
  execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim();

async function main(): Promise<number> {
  const services = run(buildComposeCheck(), join(projectRoot, 'docker-compose.yml'));
  say(`docker-compose.yml: ${services.replaceAll('\n', ', ')}`);

  const { prometheus, promtool } = buildPrometheus();
  const folder = join(projectRoot, 'observability', 'prometheus');
  say(run(promtool, 'check', 'config', join(folder, 'prometheus.yaml')));
  say(run(promtool, 'test', 'rules', join(folder, 'rules', 'kafka.test.yaml')));

  const { same, onlyReceived, onlyTranslated } = await compareTranslation(prometheus);
  say(`OTLP to Prometheus: ${same} series are the same`);
  for (const series of onlyReceived) say(`  only received over OTLP: ${series}`);
  for (const series of onlyTranslated) say(`  only in our translation: ${series}`);
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
