/** The Kafka clients of a program, and which of them this package traces. */
import { join } from 'node:path';
import { CLIENT_LIBRARIES, type ClientLibrary } from '../../clients';
import type { ClientName } from '../../config/options';
import { handOverMark } from '../../support/handed-over';
import { isInRange, type Package } from '../../support/packages';
import { PACKAGE_NAME } from '../../support/version';
import { ok, problem, unsure, warning, type Finding, type Findings, type Report } from '../finding';
import { configOfNext } from '../frameworks';
import { isReached, type LoadedFile, type LoadingStep } from '../modules';
import { placeOf, type Program } from '../program';
import { findPackage, reachablePackages, readText } from '../resolve';
import { readSource } from '../source';

type PackageStep = Extract<LoadingStep, { kind: 'package' }>;

export interface UsedClient {
  readonly library: ClientLibrary;
  readonly copies: readonly Package[];
  readonly tracedCopies: readonly Package[];
  /** Files that use the node-rdkafka API of Confluent's package. Only its KafkaJS API is traced. */
  readonly untracedApi: readonly string[];
  /** The file into which a bundler has put the library. */
  readonly bundle: LoadedFile | undefined;
  readonly framework: BundledByNext | undefined;
  /**
   * True if the bundle passes the library to the instrumentation: with `@org/kafka-otel/bundler`, or by a call of
   * `instrumentModule`.
   */
  readonly isPassedOn: boolean;
  readonly isTraced: boolean;
}

export interface OtherClient {
  readonly name: string;
  /** The file that loads the client, or else the folder where the client is installed. */
  readonly place: string;
  readonly fix: string;
}

export interface Clients {
  readonly used: readonly UsedClient[];
  readonly others: readonly OtherClient[];
  /** Names of all installed clients, used or not. */
  readonly installed: readonly string[];
  /** False if some files could not be read, for example because the name of a module is computed. */
  readonly isReadCompletely: boolean;
}

const OTHERS: Readonly<Record<string, string>> = {
  'node-rdkafka':
    'Move to @confluentinc/kafka-javascript, which uses librdkafka too, and use its promise API (`KafkaJS`).',
  '@platformatic/kafka': 'Use its own instrumentation, @platformatic/kafka-opentelemetry.',
  'kafka-node': 'Move to kafkajs or @confluentinc/kafka-javascript: kafka-node is no longer maintained.',
  'no-kafka': 'Move to kafkajs or @confluentinc/kafka-javascript: no-kafka is no longer maintained.',
};

/** Finds clients in the files of the program, and in the packages that these files load. */
export function findClients(program: Program): Clients {
  const { loading, copies: copiesOf } = program;
  const { steps, files, unread } = loading;
  const loads = steps.filter((step): step is PackageStep => step.kind === 'package');
  const names = [...CLIENT_LIBRARIES.map(({ packageName }) => packageName), ...Object.keys(OTHERS)];
  const bundles = new Map(CLIENT_LIBRARIES.map(({ name }) => [name, bundleWith(name, files)]));
  const behind = reachablePackages(loads.flatMap(load => (mayLoadClients(load) ? [load.found] : [])));
  const isUsed = (name: string): boolean =>
    loads.some(load => load.name === name) || behind.some(each => each.name === name);

  const used = CLIENT_LIBRARIES.flatMap((library): UsedClient[] => {
    const { name, packageName, supportedVersions } = library;
    const bundle = bundles.get(name);
    if (bundle === undefined && !isUsed(packageName)) return [];
    const copies = copiesOf(packageName);
    const tracedCopies = copies.filter(({ version }) => isInRange(version, supportedVersions));
    // Only calls in the user's code count. Calls on `this` come from our own class, which may be in the bundle too.
    const isPassedOn = files.some(
      ({ code }) =>
        code.includes(handOverMark(packageName)) || /(?<!\bthis)\.instrumentModule\s*\(/.test(code),
    );
    const apis = name === 'confluent' ? apisOfConfluent(packageName, loads, files) : undefined;
    const framework = isPassedOn ? undefined : bundledByNext(packageName, loads, program);
    const isTraced = bundle
      ? isPassedOn
      : framework?.isCertain !== true && tracedCopies.length > 0 && apis?.isTraced !== false;
    const untracedApi = apis?.untraced ?? [];
    return [{ library, copies, tracedCopies, untracedApi, bundle, framework, isPassedOn, isTraced }];
  });
  const others = Object.entries(OTHERS).flatMap(([name, fix]): OtherClient[] => {
    if (!isUsed(name)) return [];
    const place = loads.find(load => load.name === name)?.by ?? copiesOf(name)[0]?.folder ?? '';
    return [{ name, place, fix }];
  });
  const installed = names.filter(name => copiesOf(name).length > 0);
  const isReadCompletely = unread.length === 0 && loads.every(({ found }) => found !== undefined);
  return { used, others, installed, isReadCompletely };
}

/** Packages of OpenTelemetry are not searched for clients: they depend on clients only for their tests. */
const mayLoadClients = (load: PackageStep): load is PackageStep & { readonly found: Package } =>
  load.found !== undefined && load.name !== PACKAGE_NAME && !load.name.startsWith('@opentelemetry/');

interface BundledByNext {
  readonly file: string;
  /** False if next.config computes the list of packages to leave out, so that the doctor cannot read that list. */
  readonly isCertain: boolean;
  /** The name of the Next.js setting that leaves packages out of the bundle. */
  readonly setting: string;
}

/**
 * Finds out whether Next.js bundles the package, and returns `undefined` if not. By default, Next.js bundles a package
 * if a file outside of the folder `pages` loads it.
 */
function bundledByNext(
  packageName: string,
  loads: readonly PackageStep[],
  { start: { folder, runner }, loading }: Program,
): BundledByNext | undefined {
  if (runner !== 'next') return undefined;
  const { code } = readSource(readText(configOfNext(folder) ?? ''));
  const next = findPackage('next', folder);
  const isRenamed = next === undefined || !isInRange(next.version, ['>=0.0.0 <15']);
  const setting = isRenamed ? 'serverExternalPackages' : 'serverComponentsExternalPackages';
  const key = isRenamed
    ? /\bserver(?:Components)?ExternalPackages\b/
    : /\bserverComponentsExternalPackages\b/;
  const quoted = new RegExp(`['"\`]${packageName}['"\`]`);
  const transpiled = /\btranspilePackages['"]?\s*:\s*\[[^\]]*\]/.exec(code)?.[0] ?? '';
  const named = quoted.test(code.replace(transpiled, ''));
  const builtIn = next ? readText(join(next.folder, 'dist/lib/server-external-packages.json')) : '';
  if ((key.test(code) && named) || quoted.test(builtIn)) return undefined;
  const isBundled = /\bbundlePagesRouterDependencies\s*:\s*true/.test(code) || quoted.test(transpiled);
  const isInBundle = (file: string): boolean => isBundled || !/[\\/]pages[\\/]/.test(file);
  const load = loads.find(
    ({ name, by }) => name === packageName && isReached(loading, by, { first: isInBundle }),
  );
  // The list in next.config is complete if it has only string literals. A variable, a spread, or webpack's `externals`
  // may add packages.
  const isComputed =
    key.test(code) && !/ExternalPackages['"]?\s*:\s*\[[\s\w@/,.'"`-]*\]/.test(code.replaceAll('...', '$'));
  return load && { file: load.by, isCertain: !isComputed && !(named && /\bexternals\b/.test(code)), setting };
}

/**
 * Parts of error messages that every supported version of a library contains. A minifier keeps them, so they reveal the
 * library in a bundle.
 */
export const SIGNATURES: Readonly<Record<ClientName, readonly string[]>> = {
  kafkajs: [
    'Failed to connect to seed broker',
    'Failed to find group coordinator',
    'Invalid message without value for topic',
  ],
  confluent: [
    'Cannot send without awaiting connect()',
    'Commit can only be called while connected.',
    'The argument passed to send must be an object',
  ],
};

const bundleWith = (name: ClientName, files: readonly LoadedFile[]): LoadedFile | undefined =>
  files.find(({ code }) => SIGNATURES[name].filter(text => code.includes(text)).length >= 2);

/** Exports of Confluent's package that belong to its node-rdkafka API. */
const ROOT_API =
  /^(?:RdKafka|Producer|HighLevelProducer|Consumer|KafkaConsumer|AdminClient|create\w+Stream)$/;

/** Finds out which API of Confluent's package each file uses. A file that names no export may use both APIs. */
function apisOfConfluent(
  packageName: string,
  loads: readonly PackageStep[],
  files: readonly LoadedFile[],
): { readonly isTraced: boolean; readonly untraced: readonly string[] } {
  const own = loads.filter(({ name }) => name === packageName);
  const untraced = new Set<string>();
  let isTraced = own.length === 0;
  for (const { specifier, by } of own) {
    const code = files.find(({ path }) => path === by)?.code ?? '';
    const names = specifier === packageName ? namesUsed(code, packageName) : [];
    const isRoot = names.some(name => ROOT_API.test(name));
    if (isRoot) untraced.add(by);
    if (!isRoot || names.includes('KafkaJS')) isTraced = true;
  }
  return { isTraced, untraced: [...untraced] };
}

/** Finds the exports of a package that the code uses: imported, destructured, or read as properties. */
function namesUsed(code: string, packageName: string): string[] {
  const quoted = `['"\`]${packageName.replace(/[/.]/g, '\\$&')}['"\`]`;
  const required = `(?:[\\w$.]+\\()*require\\s*\\(\\s*${quoted}\\s*\\)`;
  const find = (pattern: string): string[] =>
    [...code.matchAll(new RegExp(pattern, 'g'))].flatMap(([, name]) => (name === undefined ? [] : [name]));
  const modules = [
    ...find(`([\\w$]+)\\s*=\\s*${required}`),
    ...find(`import\\s+(?:\\*\\s*as\\s+)?([\\w$]+)[^;'"]*from\\s*${quoted}`),
    ...find(`import\\s+([\\w$]+)\\s*=\\s*${required}`),
  ].map(name => name.replaceAll('$', '\\$'));
  const module = [required, ...modules.map(name => `(?<![\\w$.])${name}`)].join('|');
  const lists = [
    ...find(`\\{([^{}]*)\\}\\s*=\\s*(?:${module})(?![\\w$.])`),
    ...find(`import\\s+(?!type\\b)(?:[\\w$]+\\s*,\\s*)?\\{([^{}]*)\\}\\s*from\\s*${quoted}`),
  ];
  return [
    ...find(`(?:${module})\\)*(?:\\.default)?\\.([\\w$]+)`),
    ...lists.flatMap(list => list.split(',')).flatMap(item => /^\s*(?!type\s)([\w$]+)/.exec(item)?.[1] ?? []),
  ];
}

export function checkClients(
  program: Program,
  { used, others, installed, isReadCompletely }: Clients,
): Findings {
  const { shortPath } = program;
  if (used.length === 0 && others.length === 0) {
    const [library] = installed;
    if (!library)
      return problem(
        'clients.missing',
        'no Kafka client is installed where the program can load it',
        'there is nothing to trace',
        'Run `npm install`, or pass the file of the service that uses Kafka: `npx @org/kafka-otel doctor service.js`.',
      );
    const names = installed.join(' and ');
    return (isReadCompletely ? problem : unsure)(
      'clients.unused',
      `${names} ${installed.length > 1 ? 'are' : 'is'} installed, but no file that was read loads ${installed.length > 1 ? 'them' : 'it'}`,
      isReadCompletely
        ? 'this program makes no Kafka spans'
        : 'files that are chosen while the program runs, or that cannot be found, were not read',
      'Pass the file of the service that uses Kafka: `npx @org/kafka-otel doctor service.js`.',
    );
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

function checkClient(client: UsedClient, level: Report, program: Program): Findings {
  const { library, copies, tracedCopies, untracedApi, bundle, framework, isPassedOn } = client;
  const { packageName, supportedVersions } = library;
  const { shortPath } = program;
  if (bundle) return checkBundle(packageName, shortPath(bundle.path), isPassedOn, level);
  if (copies.length === 0)
    return level(
      'clients.missing',
      `${packageName} is not installed where the program can load it`,
      'the program may not start',
      `Run \`npm install ${packageName}\`, or pass the file of the service that uses Kafka: kafka-otel doctor service.js.`,
    );
  if (framework)
    return (framework.isCertain ? level : unsure)(
      'clients.inlined',
      framework.isCertain
        ? `Next.js bundles ${packageName} into the server code`
        : `Next.js may bundle ${packageName} into the server code: next.config does not name it in a list of ${framework.setting}`,
      'no require hook can patch the package there, so its calls are not traced',
      `Add '${packageName}' to ${framework.setting} in next.config, or call instrumentation.instrumentModule(require('${packageName}')).`,
      placeOf(program, framework.file, packageName),
    );
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
        `${shortPath(file)} uses the node-rdkafka API of ${packageName}`,
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
      `${name} is bundled into ${file}, and the bundle passes it to the instrumentation`,
      { file },
    );
  return level(
    'clients.inlined',
    `${name} is bundled into ${file}`,
    'no require hook can patch the package there, so its calls are not traced',
    `Leave ${name} out of the bundle (esbuild --external:${name}, webpack externals), build the bundle with @org/kafka-otel/bundler, or call instrumentation.instrumentModule(require("${name}")).`,
    { file },
  );
}
