/** Builds Go programs once, in a cache folder. Needs Go 1.25 or newer. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Prometheus 3.14, as in grafana/otel-lgtm 0.31.0. The Go module of this release has the version 0.314. */
const PROMETHEUS = 'github.com/prometheus/prometheus@v0.314.0';

const cache = join(tmpdir(), 'kafka-otel-go');

const go = (cwd: string, ...args: string[]): string =>
  execFileSync('go', args, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, GOWORK: 'off', GOFLAGS: '-mod=mod' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });

/** Builds Prometheus 3 and promtool. The first build takes about five minutes and downloads 1 GB of modules. */
export function buildPrometheus(): { readonly prometheus: string; readonly promtool: string } {
  const folder = join(cache, 'prometheus-0.314.0');
  const programs = {
    prometheus: join(folder, 'bin', 'prometheus'),
    promtool: join(folder, 'bin', 'promtool'),
  };
  if (Object.values(programs).every(existsSync)) return programs;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  // `go install` rejects modules with `replace` directives.
  const { Dir: source } = JSON.parse(go(folder, 'mod', 'download', '-json', PROMETHEUS)) as {
    readonly Dir: string;
  };
  const copy = join(folder, 'source');
  cpSync(source, copy, { recursive: true });
  execFileSync('chmod', ['-R', 'u+w', copy]);
  // Leave out service discovery, which is most of the code.
  for (const [name, file] of Object.entries(programs))
    go(copy, 'build', '-tags', 'remove_all_sd', '-o', file, `./cmd/${name}`);
  return programs;
}

/** Builds a program that parses a compose file with Docker Compose's parser and prints its services. */
export function buildComposeCheck(): string {
  const folder = join(cache, 'compose');
  cpSync(join(__dirname, 'compose'), folder, { recursive: true });
  go(folder, 'build', '-o', 'check', '.');
  return join(folder, 'check');
}
