import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

/** Paths of Prometheus and promtool. promtool is in the same folder as Prometheus, or on the PATH. */
export interface PrometheusPrograms {
  readonly prometheus: string;
  readonly promtool: string;
}

/** @throws Error that says how to install Prometheus, if `PROMETHEUS_BIN` and the PATH do not have it */
export function findPrometheus(
  env: Readonly<Record<string, string | undefined>> = process.env,
): PrometheusPrograms {
  const given = env['PROMETHEUS_BIN'];
  const prometheus = given ? ifExists(given) : onPath('prometheus', env);
  const promtool = (prometheus && ifExists(join(dirname(prometheus), 'promtool'))) ?? onPath('promtool', env);
  if (prometheus === undefined || promtool === undefined)
    throw new Error(
      given && prometheus === undefined
        ? `PROMETHEUS_BIN is ${given}, which does not exist. Set it to the path of Prometheus.`
        : 'Prometheus was not found. Install it (Debian: apt-get install prometheus; macOS: brew install prometheus), or set ' +
            'PROMETHEUS_BIN to the path of its program. promtool must be in the same folder or on the PATH.',
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
