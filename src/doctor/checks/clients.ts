import type { UsedClient } from '../clients';
import { ok, problem, warning, type Finding, type Program } from '../program';

/** Whether the program uses Kafka clients that are traced. */
export function checkClients({ clients: { used, others }, shortPath }: Program): Finding[] {
  if (used.length === 0 && others.length === 0)
    return [
      problem(
        'clients.missing',
        'no Kafka client is installed where the program can load it, so there is nothing to trace',
        'Run `npm install`, or pass the file of the service that uses Kafka: kafka-otel doctor service.js.',
      ),
    ];
  const level = used.some(({ isTraced }) => isTraced) ? warning : problem;
  return [
    ...used.flatMap(client => checkClient(client, level, shortPath)),
    ...others.map(({ name, place, fix }) =>
      level('clients.unsupported', `${name} (${shortPath(place)}) is not traced by this package`, fix),
    ),
  ];
}

function checkClient(client: UsedClient, level: typeof problem, shortPath: Program['shortPath']): Finding[] {
  const { library, copies, tracedCopies, untracedApi, bundle, isPassedOn } = client;
  const { packageName, supportedVersions } = library;
  if (bundle) return [checkBundle(packageName, shortPath(bundle.path), isPassedOn, level)];
  if (copies.length === 0)
    return [
      level(
        'clients.missing',
        `${packageName} is not installed where the program can load it, so the program may not start`,
        `Run \`npm install ${packageName}\`, or pass the file of the service that uses Kafka: kafka-otel doctor service.js.`,
      ),
    ];
  const range = supportedVersions.join(' || ');
  return [
    ...copies.map(copy => {
      const named = `${packageName} ${copy.version} in ${shortPath(copy.folder)}`;
      if (tracedCopies.includes(copy)) return ok('clients.ok', named);
      return level(
        'clients.version',
        `${named} is not traced: the supported versions are ${range}`,
        `Run \`npm install "${packageName}@${range}"\`.`,
      );
    }),
    ...untracedApi.map(file =>
      level(
        'clients.rootApi',
        `${shortPath(file)} uses the API at the root of ${packageName}, that of node-rdkafka, which is not traced`,
        `Use its promise API: const { KafkaJS } = require('${packageName}').`,
      ),
    ),
  ];
}

function checkBundle(name: string, file: string, isPassedOn: boolean, level: typeof problem): Finding {
  if (isPassedOn)
    return ok(
      'clients.bundled',
      `${name} is bundled into ${file}, and is handed over to the instrumentation`,
    );
  return level(
    'clients.inlined',
    `${name} is bundled into ${file}, where no require hook can patch it, so nothing of it is traced`,
    `Leave ${name} out of the bundle (esbuild --external:${name}, webpack externals), build the bundle with @org/kafka-otel/bundler, or call instrumentation.instrumentModule(require("${name}")).`,
  );
}
