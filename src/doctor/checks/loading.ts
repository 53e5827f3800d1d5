import { extname } from 'node:path';
import { CLIENT_LIBRARIES } from '../../clients';
import { PACKAGE_NAME } from '../../support/version';
import { ok, problem, unsure, warning, type Finding, type Findings, type Report } from '../finding';
import { importersOf, isReached, type LoadedFile, type Loading } from '../modules';
import { entriesBelow, FOREIGN_FOLDERS, readText } from '../resolve';
import {
  INSTRUMENTATION_CLASS,
  NEW_INSTANCE,
  REGISTER,
  placeOf,
  preloadSource,
  type Program,
  type Wiring,
} from '../program';

export function checkLoading(program: Program): Findings {
  const { wiring, shortPath, loading } = program;
  if (!wiring) return reportNotLoaded(program, loading.unread.length === 0 ? problem : unsure);
  if (wiring.kind === 'inlined')
    return ok('loading.inlined', `${PACKAGE_NAME} is bundled into ${shortPath(wiring.by)}`);
  const place = wiring.by === '' ? preloadSource(program, 'kafka-otel') : shortPath(wiring.by);
  if (!wiring.copy)
    return problem(
      'loading.missing',
      `${PACKAGE_NAME} is loaded (${place}), but not installed there`,
      `the program may not start`,
      `Run \`npm install ${PACKAGE_NAME}\`.`,
      placeOf(program, wiring.by, wiring.specifier),
    );
  const copy = `${PACKAGE_NAME} ${wiring.copy.version}`;
  const isCreated = program.loading.files.some(({ code }) => NEW_INSTANCE.test(code));
  if (wiring.kind === 'own' && !isCreated)
    return problem(
      'loading.notMade',
      `${place} imports the instrumentation class, but nothing creates an instance`,
      `nothing is traced`,
      'Add `new KafkaInstrumentation()` to the list of instrumentations of the SDK.',
      placeOf(program, wiring.by, INSTRUMENTATION_CLASS),
    );
  return [
    wiring.kind === 'register'
      ? ok('loading.register', `${copy} is loaded through register (${place})`)
      : ok('loading.own', `${copy} is loaded, and an instance is created, in ${place}`),
    checkCondition(program, wiring),
    checkOrder(program, wiring),
  ];
}

/**
 * Finds out whether the program loads this package only under a condition. In Next.js programs, such a condition is
 * normal.
 */
function checkCondition(program: Program, wiring: Wiring): Findings {
  const { start, loading, shortPath } = program;
  const { by } = wiring;
  const file = loading.files.find(({ path }) => path === by);
  if (!file || start.runner === 'next') return [];
  const isLoaded =
    !file.conditional.has(wiring.specifier) &&
    isReached(loading, by, { importer: ({ isConditional }) => !isConditional });
  const entry = shortPath(start.entry);
  const uncalled = wiring.kind === 'own' ? functionThatIsNotCalled(file, loading) : undefined;
  if (isLoaded && uncalled !== undefined)
    return unsure(
      'loading.conditional',
      `${shortPath(by)} creates the instrumentation in the function ${uncalled}, and no file that was read calls it`,
      'nothing is traced unless this function is called before the program uses Kafka',
      `Call ${uncalled}() in the first line of ${entry}.`,
      placeOf(program, by, NEW_INSTANCE),
    );
  if (isLoaded) return [];
  return unsure(
    'loading.conditional',
    `${shortPath(by)} loads ${wiring.specifier} only under a condition`,
    'nothing is traced if the condition is false when the program runs',
    by === start.entry
      ? `Start with \`node --require ${REGISTER} ${entry}\`.`
      : `Start with \`node ${flagFor(by)} ./${shortPath(by)} ${entry}\`.`,
    placeOf(program, by, wiring.specifier),
  );
}

/** Returns the name of the function that creates the instrumentation, if no file calls or passes on that function. */
function functionThatIsNotCalled({ code }: LoadedFile, { files }: Loading): string | undefined {
  const created = code.search(NEW_INSTANCE);
  const before = code.slice(0, created);
  const functions =
    /\bfunction\s+(\w+)\s*\(|\b(\w+)\s*=\s*(?:async\s*)?(?:function\b|\([^)]*\)\s*=>|\w+\s*=>)/g;
  const name = [...before.matchAll(functions)].filter(({ index }) => isOpen(before.slice(index))).at(-1);
  const called = name?.[1] ?? name?.[2];
  if (called === undefined) return undefined;
  const use = new RegExp(`(?<!\\bfunction\\s+)\\b${called}\\s*[()]`);
  return files.some(each => use.test(each.code)) ? undefined : called;
}

/** True if the first brace is not closed in this code. */
function isOpen(code: string): boolean {
  let depth = 0;
  for (const [brace] of code.matchAll(/[{}]/g)) {
    depth += brace === '{' ? 1 : -1;
    if (depth === 0) return false;
  }
  return depth > 0;
}

/** The number of braces that this code opens but does not close. */
const depthOf = (code: string): number => code.split('{').length - code.split('}').length;

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');

const flagFor = (file: string): string => (/\.m[jt]s$/.test(file) ? '--import' : '--require');

function reportNotLoaded({ start, shortPath }: Program, report: Report): Finding {
  const entry = shortPath(start.entry);
  const files = entriesBelow(start.folder, FOREIGN_FOLDERS, 2).filter(({ entry }) => entry.isFile());
  const findFile = (name: RegExp, text: RegExp): string | undefined =>
    files.find(({ path, entry }) => name.test(entry.name) && text.test(readText(path)))?.path;
  const settings = findFile(/^(?:Docker|Container|Proc)file|\.ya?ml$/, /kafka-otel\S*\/register/);
  if (settings !== undefined)
    return unsure(
      'loading.none',
      `${shortPath(settings)} preloads ${PACKAGE_NAME}, but the command that was read does not`,
      'only a program that is started with the command in that file is traced',
      `Pass the command of that file, for example: \`npx ${PACKAGE_NAME} doctor -- node --require ${REGISTER} ${entry}\`.`,
      { file: shortPath(settings) },
    );
  const unused = findFile(/(?<!\.d)\.[cm]?[jt]s$/, LOADS_US);
  if (unused !== undefined)
    return report(
      'loading.unused',
      `${shortPath(unused)} uses ${PACKAGE_NAME}, but nothing loads that file before ${entry}`,
      `nothing is traced`,
      `Start with \`node ${flagFor(unused)} ./${shortPath(unused)} ${entry}\`${/\.[jt]s$/.test(unused) ? ', or with --import if it is an ES module' : ''}.`,
      { file: shortPath(unused) },
    );
  return report(
    'loading.none',
    `nothing loads ${PACKAGE_NAME}, neither NODE_OPTIONS nor a script of package.json nor a file of the program`,
    `nothing is traced`,
    `Start with \`node --require ${REGISTER} ${entry}\`, or add \`new KafkaInstrumentation()\` to your own SDK.`,
  );
}

/**
 * Matches code that loads `register` or an instrumentation class. Helpers such as `withMessageSpan` do not count,
 * because they install nothing.
 */
const LOADS_US =
  /['"]@org\/kafka-otel\/register['"]|\bKafka(?:Js)?Instrumentation\b[^]*['"]@org\/kafka-otel['"]/;

/** Finds clients that are created before their library is patched, and that are therefore not traced. */
function checkOrder(program: Program, wiring: Wiring): Findings {
  const { loading, shortPath } = program;
  const { at, by } = wiring;
  const before = loading.steps.slice(0, at);
  const early = before.find(
    step => step.kind === 'package' && CLIENT_LIBRARIES.some(({ packageName }) => packageName === step.name),
  );
  if (early?.kind !== 'package') return [];
  const creators = before.flatMap(step =>
    step.kind === 'file' && CREATION.test(step.file.code) ? [step.file] : [],
  );
  const creator = creators.find(({ code }) => createsAtOnce(code)) ?? creators[0];
  const place = placeOf(program, early.by, early.specifier);
  const text = `${shortPath(early.by)} loads ${early.name} before ${shortPath(by)} loads the instrumentation`;
  const fix = adviceOnOrder(program, early.by, by);
  const late = (clients: string, report: Report = problem): Findings => [
    report('loading.late', text, `${clients} are not traced`, fix, place),
  ];
  const isCreatedFirst = importersOf(loading, by).some(({ file, specifier }) => {
    const code = loading.files.find(({ path }) => path === file)?.code ?? '';
    const loaded = code.search(new RegExp(`require\\s*\\(\\s*['"\`]${escaped(specifier)}['"\`]`));
    return loaded >= 0 && createsAtOnce(code.slice(0, loaded));
  });
  if (isCreatedFirst) return late(`the clients that ${shortPath(early.by)} creates before`);
  if (creator)
    return createsAtOnce(creator.code)
      ? late(`the clients that ${shortPath(creator.path)} creates`)
      : late(`clients that a function of ${shortPath(creator.path)} creates before that`, unsure);
  // One file may load both the library and the instrumentation, if it creates clients only after the instrumentation.
  if (early.by === by && wiring.kind === 'own') {
    const created = wiring.file.code.search(CREATION);
    if (created < 0 || created > wiring.file.code.search(NEW_INSTANCE)) return [];
    return late(`the clients that ${shortPath(by)} creates`);
  }
  return warning('loading.order', text, 'clients that are created in between are not traced', fix, place);
}

const CREATION = /\.(?:producer|consumer|admin)\s*\(/;

/** True if loading the file creates a client. False if clients are created only in functions, which may be called later. */
const createsAtOnce = (code: string): boolean =>
  [...code.matchAll(new RegExp(CREATION, 'g'))].some(({ index }) => {
    const before = code.slice(0, index);
    return depthOf(before) === 0 && !/=>[^;]*$/.test(before);
  });

/**
 * Explains how to load the instrumentation first. If the main file creates the instrumentation, the advice is to move
 * that code to another file.
 */
function adviceOnOrder(program: Program, early: string, by: string): string {
  const { start, shortPath } = program;
  const entry = shortPath(start.entry);
  const flag = flagFor(by);
  if (by !== start.entry)
    return `Start with \`node ${flag} ./${shortPath(by)} ${entry}\`, or load it in the first line of ${entry}.`;
  const own = placeOf(program, by, PACKAGE_NAME)?.line ?? 1;
  const name = `tracing${extname(by)}`;
  const rest =
    early === by
      ? ''
      : ` In ${entry} it runs only after the files that line 1 and later lines load, such as ${shortPath(early)}.`;
  return `Move the instrumentation (line ${own} of ${entry}) to a file of its own, ${name}, and start with \`node ${flag} ./${name} ${entry}\`.${rest}`;
}
