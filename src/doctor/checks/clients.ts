import type { UsedClient } from '../clients';
import { ok, placeOf, problem, unsure, warning, type Finding, type Program, type Report } from '../program';

/** Whether the program uses Kafka clients that are traced. */
export function checkClients(program: Program): Finding[] {
  const {
    clients: { used, others, installed, isReadCompletely },
    shortPath,
  } = program;
  if (used.length === 0 && others.length === 0) {
    const [library] = installed;
    if (!library)
      return [
        problem(
          'clients.missing',
          'no Kafka client is installed where the program can load it',
          'there is nothing to trace',
          'Run `npm install`, or pass the file of the service that uses Kafka: `npx @org/kafka-otel doctor service.js`.',
        ),
      ];
    const names = installed.join(' and ');
    return [
      (isReadCompletely ? problem : unsure)(
        'clients.unused',
        `${names} ${installed.length > 1 ? 'are' : 'is'} installed, but no file that was read loads ${installed.length > 1 ? 'them' : 'it'}`,
        isReadCompletely
          ? 'this program makes no Kafka spans'
          : 'files that are chosen while the program runs, or that cannot be found, were not read',
        'Pass the file of the service that uses Kafka: `npx @org/kafka-otel doctor service.js`.',
      ),
    ];
  }
  const level = used.some(({ isTraced }) => isTraced) ? warning : problem;
  return [
    ...used.flatMap(client => checkClient(client, level, program)),
    ...others.map(({ name, place, fix }) =>
      level(
        'clients.unsupported',
        `the program uses ${name} (${shortPath(place)})`,
        'this package traces only kafkajs and the promise API of @confluentinc/kafka-javascript',
        fix,
        placeOf(program, place, name),
      ),
    ),
  ];
}

function checkClient(client: UsedClient, level: Report, program: Program): Finding[] {
  const { library, copies, tracedCopies, untracedApi, bundle, framework, isPassedOn } = client;
  const { packageName, supportedVersions } = library;
  const { shortPath } = program;
  if (bundle) return [checkBundle(packageName, shortPath(bundle.path), isPassedOn, level)];
  if (copies.length === 0)
    return [
      level(
        'clients.missing',
        `${packageName} is not installed where the program can load it`,
        'the program may not start',
        `Run \`npm install ${packageName}\`, or pass the file of the service that uses Kafka: kafka-otel doctor service.js.`,
      ),
    ];
  if (framework !== undefined)
    return [
      level(
        'clients.inlined',
        `Next.js bundles ${packageName} into the server code (${shortPath(framework)})`,
        'no require hook can patch it there, so nothing of it is traced',
        `Add serverExternalPackages: ['${packageName}'] to next.config.js, or call instrumentation.instrumentModule(require('${packageName}')).`,
        placeOf(program, framework, packageName),
      ),
    ];
  const range = supportedVersions.join(' || ');
  return [
    ...copies.map(copy => {
      const named = `${packageName} ${copy.version} in ${shortPath(copy.folder)}`;
      if (tracedCopies.includes(copy)) return ok('clients.ok', named);
      return level(
        'clients.version',
        `${named} is not supported`,
        `only the versions ${range} are traced`,
        `Run \`npm install "${packageName}@${range}"\`.`,
      );
    }),
    ...untracedApi.map(file =>
      level(
        'clients.rootApi',
        `${shortPath(file)} uses the API at the root of ${packageName}, that of node-rdkafka`,
        'only its promise API is traced',
        `Use its promise API: const { KafkaJS } = require('${packageName}').`,
        placeOf(program, file, packageName),
      ),
    ),
  ];
}

function checkBundle(name: string, file: string, isPassedOn: boolean, level: Report): Finding {
  if (isPassedOn)
    return ok(
      'clients.bundled',
      `${name} is bundled into ${file}, and is handed over to the instrumentation`,
      { file },
    );
  return level(
    'clients.inlined',
    `${name} is bundled into ${file}`,
    'no require hook can patch it there, so nothing of it is traced',
    `Leave ${name} out of the bundle (esbuild --external:${name}, webpack externals), build the bundle with @org/kafka-otel/bundler, or call instrumentation.instrumentModule(require("${name}")).`,
    { file },
  );
}
