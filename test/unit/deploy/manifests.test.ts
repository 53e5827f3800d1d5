import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { projectRoot } from '../../support/program';

const text = (file: string): string => readFileSync(join(projectRoot, file), 'utf8');
const yaml = (file: string): unknown => parse(text(join('deploy', file)), { merge: true });
const json = (file: string): unknown => JSON.parse(text(file));

interface Container {
  readonly name: string;
  readonly image: string;
  readonly resources: unknown;
  readonly securityContext: unknown;
  readonly volumeMounts?: readonly {
    readonly name: string;
    readonly mountPath: string;
    readonly readOnly?: boolean;
  }[];
}
interface Deployment {
  readonly spec: {
    readonly template: {
      readonly metadata: { readonly annotations: Readonly<Record<string, string>> };
      readonly spec: {
        readonly volumes: readonly { readonly name: string }[];
        readonly initContainers?: readonly Container[];
        readonly containers: readonly [Container];
      };
    };
  };
}
interface Instrumentation {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly initContainerSecurityContext: unknown;
    readonly nodejs: { readonly image: string; readonly resourceRequirements: unknown };
  };
}
interface Manifest {
  readonly version: string;
  readonly engines: unknown;
  readonly dependencies: Readonly<Record<string, string>>;
}

const withOperator = yaml('kubernetes/operator.yaml') as Deployment;
const withoutOperator = yaml('kubernetes/without-operator.yaml') as Deployment;
const instrumentation = yaml('kubernetes/instrumentation.yaml') as Instrumentation;
const manifest = json('package.json') as Manifest;

test('all files name one image, with the version of this package', () => {
  const compose = yaml('compose.yaml') as { services: { 'kafka-otel': { image: string } } };
  const images = [
    instrumentation.spec.nodejs.image,
    withoutOperator.spec.template.spec.initContainers?.[0]?.image,
    compose.services['kafka-otel'].image,
  ];
  const image = `kafka-otel:${manifest.version}`;
  expect(images).toEqual([image, image, image]);
});

test('the annotations name the existing Instrumentation and container', () => {
  const { metadata, spec } = withOperator.spec.template;
  expect(metadata.annotations).toEqual({
    'instrumentation.opentelemetry.io/inject-nodejs': instrumentation.metadata.name,
    'instrumentation.opentelemetry.io/nodejs-container-names': spec.containers[0].name,
  });
});

test('the init container fills the folder that the program mounts read-only', () => {
  const { volumes, initContainers = [], containers } = withoutOperator.spec.template.spec;
  const [volume] = volumes;
  const mount = { name: volume?.name, mountPath: '/otel-auto-instrumentation-nodejs' };
  expect(initContainers[0]?.volumeMounts).toEqual([mount]);
  expect(containers[0].volumeMounts).toEqual([{ ...mount, readOnly: true }]);
});

test('every container has limits and no more rights than it needs', () => {
  const limited = {
    requests: { cpu: expect.any(String) as string, memory: expect.any(String) as string },
    limits: { cpu: expect.any(String) as string, memory: expect.any(String) as string },
  };
  const unprivileged = {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  };
  const containers = [withOperator, withoutOperator].flatMap(({ spec }) => [
    ...(spec.template.spec.initContainers ?? []),
    ...spec.template.spec.containers,
  ]);
  expect(containers).toHaveLength(3);
  for (const container of containers) {
    expect(container).toMatchObject({ resources: limited, securityContext: unprivileged });
  }
  const { initContainerSecurityContext, nodejs } = instrumentation.spec;
  expect(initContainerSecurityContext).toMatchObject({ runAsNonRoot: true, ...unprivileged });
  expect(nodejs.resourceRequirements).toEqual(limited);
});

describe('the lock file of the image', () => {
  const lock = json('deploy/image/package-lock.json') as {
    packages: Readonly<Record<string, Partial<Manifest> & { integrity?: string; resolved?: string }>>;
  };

  test('has the current version and dependencies of this package, and accepts any build of it', () => {
    const locked = lock.packages['node_modules/@org/kafka-otel'];
    const { version, dependencies, engines } = manifest;
    // An integrity hash would allow only one build of the package in the image.
    expect(locked).toMatchObject({ version, dependencies, engines });
    expect(locked).not.toHaveProperty('integrity');
  });

  test('has the integrity of every other package, and no registry', () => {
    const others = Object.entries(lock.packages).filter(
      ([place]) => place !== '' && !place.endsWith('@org/kafka-otel'),
    );
    const odd = others.filter(
      ([, { integrity, resolved }]) => integrity === undefined || resolved !== undefined,
    );
    expect(others.length).toBeGreaterThan(100);
    expect(odd).toEqual([]);
  });

  test('supports the Node.js versions of this package', () => {
    expect((json('deploy/image/package.json') as Manifest).engines).toEqual(manifest.engines);
  });
});
