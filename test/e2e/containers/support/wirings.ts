/** The ways to mount the folder of the image and to set `NODE_OPTIONS`. They are read from the files in `deploy/`. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { projectRoot } from '../../../support/program';
import type { Image } from './build';

export interface Wiring {
  /** Command of the container that fills the volume. */
  readonly copy: readonly string[];
  /** Mount path of the volume in both containers. */
  readonly mountPath: string;
  readonly nodeOptions: string;
}

interface Container {
  readonly command: readonly string[];
  readonly volumeMounts: readonly { readonly mountPath: string }[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
}
interface Deployment {
  readonly spec: {
    readonly template: {
      readonly spec: { readonly initContainers: [Container]; readonly containers: [Container] };
    };
  };
}
interface Service {
  readonly command: readonly string[];
  readonly volumes: readonly [string];
  readonly environment: Readonly<Record<string, string>>;
}
interface Compose {
  readonly services: Readonly<Record<'kafka-otel' | 'orders' | 'payments', Service>>;
}

const read = (file: string): unknown =>
  parse(readFileSync(join(projectRoot, 'deploy', file), 'utf8'), { merge: true });

/**
 * What the OpenTelemetry Operator 0.158 does with a pod that has Node.js instrumentation (see its
 * `internal/instrumentation`).
 */
export const operator: Wiring = {
  copy: ['cp', '-r', '/autoinstrumentation/.', '/otel-auto-instrumentation-nodejs'],
  mountPath: '/otel-auto-instrumentation-nodejs',
  nodeOptions: ' --require /otel-auto-instrumentation-nodejs/autoinstrumentation.js',
};

/** The Deployment without the Operator. */
export function initContainer(): Wiring {
  const { spec } = (read('kubernetes/without-operator.yaml') as Deployment).spec.template;
  const [filling] = spec.initContainers;
  const [program] = spec.containers;
  return {
    copy: filling.command,
    mountPath: program.volumeMounts[0]?.mountPath ?? '',
    nodeOptions: program.env.find(({ name }) => name === 'NODE_OPTIONS')?.value ?? '',
  };
}

/** The services of the compose file. */
export const composed = (): Compose['services'] => (read('compose.yaml') as Compose).services;

export function composeVolume(): Wiring {
  const services = composed();
  const [volume] = services.orders.volumes;
  return {
    copy: services['kafka-otel'].command,
    mountPath: volume.split(':')[1] ?? '',
    nodeOptions: services.orders.environment['NODE_OPTIONS'] ?? '',
  };
}

/**
 * Runs the command of the wiring to fill a volume from the image.
 *
 * @param volume - the folder that represents the volume
 * @returns the value of `NODE_OPTIONS` for the program
 */
export function inject({ copy, mountPath, nodeOptions }: Wiring, image: Image, volume: string): string {
  mkdirSync(volume);
  // Convert mount paths in the container to folders on this machine.
  const placed = (text: string) =>
    text.replace(/\/(otel-auto-instrumentation-nodejs|autoinstrumentation)(?![\w.-])/g, path => {
      if (path === mountPath) return volume;
      if (path === '/autoinstrumentation') return join(image.root, path);
      throw new Error(`${path} is not mounted`);
    });
  const [command = '', ...args] = copy.map(placed);
  execFileSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  return placed(nodeOptions);
}
