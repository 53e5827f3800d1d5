/** The Kafka clients of a program, and which of them this package traces. */
import { existsSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { CLIENT_LIBRARIES, type ClientLibrary } from '../clients';
import type { ClientName } from '../config/options';
import { handOverMark } from '../support/handed-over';
import { isInRange, type Package } from '../support/packages';
import { PACKAGE_NAME } from '../support/version';
import type { LoadedFile, Loading, LoadingStep } from './loading';
import { reachablePackages } from './packages';
import { readSource } from './source';
import type { Start } from './start';

type PackageStep = Extract<LoadingStep, { kind: 'package' }>;

/** A supported client library that the program uses. */
export interface UsedClient {
  readonly library: ClientLibrary;
  /** The copies that the program can load. */
  readonly copies: readonly Package[];
  readonly tracedCopies: readonly Package[];
  /** Files that use the part of the package's exports that is not traced. */
  readonly untracedApi: readonly string[];
  /** The file into which a bundler has put the library. */
  readonly bundle: LoadedFile | undefined;
  /** The file that loads the library where Next.js bundles it. */
  readonly framework: string | undefined;
  /** Whether a bundle hands the library over, through `@org/kafka-otel/bundler` or `instrumentModule`. */
  readonly isPassedOn: boolean;
  readonly isTraced: boolean;
}

/** A Kafka client that this package does not support. */
export interface OtherClient {
  readonly name: string;
  /** The file that loads it, or else the folder where it is installed. */
  readonly place: string;
  /** What to do about it. */
  readonly fix: string;
}

export interface Clients {
  readonly used: readonly UsedClient[];
  readonly others: readonly OtherClient[];
  /** Names of clients that are installed, whether they are used or not. */
  readonly installed: readonly string[];
  /** False if the program loads files that were not read, because their names are computed or they were not found. */
  readonly isReadCompletely: boolean;
}

const OTHERS: Readonly<Record<string, string>> = {
  'node-rdkafka':
    'Move to @confluentinc/kafka-javascript, which uses librdkafka too, and use its promise API (`KafkaJS`).',
  '@platformatic/kafka': 'Use its own instrumentation, @platformatic/kafka-opentelemetry.',
  'kafka-node': 'Move to kafkajs or @confluentinc/kafka-javascript: it is no longer maintained.',
  'no-kafka': 'Move to kafkajs or @confluentinc/kafka-javascript: it is no longer maintained.',
};

/** The clients that the files of a program name, and those of packages that these files load. */
export function findClients(
  { steps, files, unread }: Loading,
  copiesOf: (name: string) => readonly Package[],
  start: Start,
): Clients {
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
    // Calls on `this` are calls inside the class, which may be in the bundle too.
    const isPassedOn = files.some(
      ({ code }) =>
        code.includes(handOverMark(packageName)) || /(?<!\bthis)\.instrumentModule\s*\(/.test(code),
    );
    const apis = name === 'confluent' ? apisOfConfluent(packageName, loads, files) : undefined;
    const framework = start.runner === 'next' ? bundledByNext(packageName, loads, start.folder) : undefined;
    const isTraced =
      bundle || framework !== undefined ? isPassedOn : tracedCopies.length > 0 && apis?.isTraced !== false;
    return [
      {
        ...{ library, copies, tracedCopies, untracedApi: apis?.untraced ?? [], bundle, isPassedOn, isTraced },
        framework: isPassedOn ? undefined : framework,
      },
    ];
  });
  const others = Object.entries(OTHERS).flatMap(([name, fix]): OtherClient[] => {
    if (!isUsed(name)) return [];
    const place = loads.find(load => load.name === name)?.by ?? copiesOf(name)[0]?.folder ?? '';
    return [{ name, place, fix }];
  });
  const isReadCompletely =
    unread.length === 0 && loads.every(({ name, found }) => found !== undefined || isBuiltin(name));
  return { used, others, installed: names.filter(name => copiesOf(name).length > 0), isReadCompletely };
}

/** Instrumentations are not searched for clients, because they name clients only for their tests. */
const mayLoadClients = (load: PackageStep): load is PackageStep & { readonly found: Package } =>
  load.found !== undefined && load.name !== PACKAGE_NAME && !load.name.startsWith('@opentelemetry/');

/**
 * The file of an app folder that loads a package which Next.js bundles. In the folder `pages`, packages stay outside of the
 * bundle by default.
 */
function bundledByNext(
  packageName: string,
  loads: readonly PackageStep[],
  folder: string,
): string | undefined {
  const config = ['js', 'mjs', 'ts', 'cjs'].map(each => join(folder, `next.config.${each}`)).find(existsSync);
  const { code } = readSource(config === undefined ? '' : readFileSync(config, 'utf8'));
  const [, external = ''] =
    /\bserver(?:ExternalPackages|ComponentsExternalPackages)['"]?\s*:\s*\[([^\]]*)\]/.exec(code) ?? [];
  if (new RegExp(`['"\`]${packageName}['"\`]`).test(external)) return undefined;
  const isBundled = /\bbundlePagesRouterDependencies\s*:\s*true/.test(code);
  return loads.find(({ name, by }) => name === packageName && (isBundled || !/[\\/]pages[\\/]/.test(by)))?.by;
}

/** Parts of error messages that are in every supported version of a library. A minifier keeps them. */
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

/** Exports of Confluent's package that create clients of node-rdkafka's API. */
const ROOT_API =
  /^(?:RdKafka|Producer|HighLevelProducer|Consumer|KafkaConsumer|AdminClient|create\w+Stream)$/;

/** Which APIs of Confluent's package the files use. A file that names no export may use both. */
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

/** The exports of a package that a file names: in an import, in a destructuring, or as properties. */
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
