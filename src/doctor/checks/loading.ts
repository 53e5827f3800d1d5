import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { CLIENT_LIBRARIES } from '../../clients';
import { PACKAGE_NAME } from '../../support/version';
import { REGISTER, ok, placeOf, problem, warning, type Finding, type Program, type Wiring } from '../program';

export function checkLoading(program: Program): Finding[] {
  const { wiring, shortPath } = program;
  if (!wiring) return [reportNotLoaded(program)];
  if (wiring.kind === 'inlined') return [checkInlined(shortPath(wiring.by), wiring.register)];
  const place = wiring.by === '' ? preloadSource(program) : shortPath(wiring.by);
  if (!wiring.copy)
    return [
      problem(
        'loading.missing',
        `${PACKAGE_NAME} is loaded (${place}), but not installed there`,
        `the program may not start`,
        `Run \`npm install ${PACKAGE_NAME}\`.`,
      ),
    ];
  const copy = `${PACKAGE_NAME} ${wiring.copy.version}`;
  if (wiring.kind === 'register')
    return [
      ok('loading.register', `${copy} is loaded through register (${place})`),
      ...checkOrder(program, wiring),
    ];
  if (!program.loading.files.some(({ code }) => NEW_INSTANCE.test(code)))
    return [
      problem(
        'loading.notMade',
        `${place} imports the instrumentation class, but nothing creates an instance`,
        `nothing is traced`,
        'Add `new KafkaInstrumentation()` to the list of instrumentations of the SDK.',
      ),
    ];
  return [
    ok('loading.own', `${copy} is loaded, and an instance is created, in ${place}`),
    ...checkOrder(program, wiring),
  ];
}

function checkInlined(file: string, register: Extract<Wiring, { kind: 'inlined' }>['register']): Finding {
  if (register !== 'broken') return ok('loading.inlined', `${PACKAGE_NAME} is bundled into ${file}`);
  return problem(
    'loading.registerInlined',
    `webpack has bundled register into ${file}, where it cannot find an SDK`,
    `no spans are exported`,
    `Leave ${PACKAGE_NAME} out of the bundle, and start with \`node --require ${REGISTER} ${file}\`.`,
  );
}

function preloadSource({ start: { origins } }: Program): string {
  const named = origins.find(({ preloads }) => preloads.some(each => each.includes('kafka-otel')));
  return (named ?? origins.find(({ preloads }) => preloads.length > 0))?.place ?? 'a preload';
}

function reportNotLoaded({ start, shortPath }: Program): Finding {
  const entry = shortPath(start.entry);
  const [unused] = findFilesThatLoadUs(start.folder, 2);
  if (unused !== undefined)
    return problem(
      'loading.unused',
      `${shortPath(unused)} uses ${PACKAGE_NAME}, but nothing loads that file before ${entry}`,
      `nothing is traced`,
      `Start with \`node --require ./${shortPath(unused)} ${entry}\`, or with --import if it is an ES module.`,
    );
  return problem(
    'loading.none',
    `nothing loads ${PACKAGE_NAME}, neither NODE_OPTIONS nor a script of package.json nor a file of the program`,
    `nothing is traced`,
    `Start with \`node --require ${REGISTER} ${entry}\`, or add \`new KafkaInstrumentation()\` to your own SDK.`,
  );
}

/** Matches code that loads `register` or one of the classes. Loading only the helpers does not install anything. */
const LOADS_US =
  /['"]@org\/kafka-otel\/register['"]|\bKafka(?:Js)?Instrumentation\b[^]*['"]@org\/kafka-otel['"]/;

function findFilesThatLoadUs(folder: string, depth: number): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap(entry => {
    const path = join(folder, entry.name);
    if (entry.isDirectory())
      return depth > 0 && !/^(?:node_modules|\..*)$/.test(entry.name)
        ? findFilesThatLoadUs(path, depth - 1)
        : [];
    if (!entry.isFile() || !/(?<!\.d)\.[cm]?[jt]s$/.test(entry.name)) return [];
    return LOADS_US.test(readFileSync(path, 'utf8')) ? [path] : [];
  });
}

/** Finds clients that are created before their library is patched. They are not traced. */
function checkOrder(program: Program, wiring: Wiring): Finding[] {
  const { loading, shortPath } = program;
  const { at, by } = wiring;
  const before = loading.steps.slice(0, at);
  const early = before.find(
    step => step.kind === 'package' && CLIENT_LIBRARIES.some(({ packageName }) => packageName === step.name),
  );
  if (early?.kind !== 'package') return [];
  const creator = before.find(step => step.kind === 'file' && CREATION.test(step.file.code));
  const place = placeOf(program, early.by, early.specifier);
  const text = `${shortPath(early.by)} loads ${early.name} before ${shortPath(by)} loads the instrumentation`;
  const fix = adviceOnOrder(program, early.by, by);
  if (creator?.kind === 'file')
    return [
      problem(
        'loading.late',
        text,
        `the clients that ${shortPath(creator.file.path)} creates are not traced`,
        fix,
        place,
      ),
    ];
  // One file that loads both and then creates clients is in order.
  if (early.by === by && wiring.kind === 'own') {
    const created = wiring.file.code.search(CREATION);
    if (created < 0 || created > wiring.file.code.search(NEW_INSTANCE)) return [];
    return [
      problem('loading.late', text, `the clients that ${shortPath(by)} creates are not traced`, fix, place),
    ];
  }
  return [warning('loading.order', text, 'clients that are created in between are not traced', fix, place)];
}

const CREATION = /\.(?:producer|consumer|admin)\s*\(/;
const NEW_INSTANCE = /\bnew\s+(?:\w+\.)?Kafka(?:Js)?Instrumentation\b/;

/** How to load the instrumentation first. A file cannot be loaded before itself, so its part must move. */
function adviceOnOrder(program: Program, early: string, by: string): string {
  const { start, shortPath } = program;
  const entry = shortPath(start.entry);
  const isModule = /\.m[jt]s$/.test(by);
  const flag = isModule ? '--import' : '--require';
  if (by !== start.entry)
    return `Start with \`node ${flag} ./${shortPath(by)} ${entry}\`, or load it in the first line of ${entry}.`;
  const own = placeOf(program, by, PACKAGE_NAME).line ?? 1;
  const name = `tracing${extname(by)}`;
  const rest =
    early === by
      ? ''
      : ` In ${entry} it runs only after the files that line 1 and later lines load, such as ${shortPath(early)}.`;
  return `Move the instrumentation (line ${own} of ${entry}) to a file of its own, ${name}, and start with \`node ${flag} ./${name} ${entry}\`.${rest}`;
}
