import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

/** Paths of Prometheus and promtool. They are in the same folder, or both on the PATH. */
export interface PrometheusPrograms {
  readonly prometheus: string;
  readonly promtool: string;
}

/** @throws Error that says how to install Prometheus, if it is neither in `PROMETHEUS_BIN` nor on the PATH */
export function findPrometheus(
  env: Readonly<Record<string, string | undefined>> = process.env,
): PrometheusPrograms {
  const given = env['PROMETHEUS_BIN'];
  const prometheus = given ? ifExists(given) : onPath('prometheus', env);
  const promtool = (prometheus && ifExists(join(dirname(prometheus), 'promtool'))) ?? onPath('promtool', env);
  if (prometheus === undefined || promtool === undefined)
    throw new Error(
      given && prometheus === undefined
        ? `There is no Prometheus at ${given} (PROMETHEUS_BIN)`
        : 'No Prometheus on this machine: install one (Debian: apt-get install prometheus; macOS: brew install prometheus), ' +
            'or name its program in PROMETHEUS_BIN; promtool is looked for beside it',
    );
  return { prometheus, promtool };
}

const ifExists = (file: string): string | undefined => (existsSync(file) ? file : undefined);

function onPath(name: string, env: Readonly<Record<string, string | undefined>>): string | undefined {
  return (env['PATH'] ?? '')
    .split(delimiter)
    .map(folder => join(folder, name))
    .find(existsSync);
}
