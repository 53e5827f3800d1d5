import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CLIENT_LIBRARIES } from '../../clients';
import { PACKAGE_NAME } from '../../support/version';
import { REGISTER, ok, problem, warning, type Finding, type Program, type Wiring } from '../program';

export function checkLoading(program: Program): Finding[] {
  const { wiring, shortPath } = program;
  if (!wiring) return [reportNotLoaded(program)];
  if (wiring.kind === 'inlined') return [checkInlined(shortPath(wiring.by), wiring.register)];
  const place = wiring.by === '' ? preloadSource(program) : shortPath(wiring.by);
  if (!wiring.copy)
    return [
      problem(
        'loading.missing',
        `${PACKAGE_NAME} is loaded (${place}), but not installed there, so the program may not start`,
        `Run \`npm install ${PACKAGE_NAME}\`.`,
      ),
    ];
  const copy = `${PACKAGE_NAME} ${wiring.copy.version}`;
  if (wiring.kind === 'register')
    return [
      ok('loading.register', `${copy} is loaded through register (${place})`),
      ...checkOrder(program, wiring),
    ];
  if (!program.loading.files.some(({ code }) => /\bnew\s+(?:\w+\.)?Kafka(?:Js)?Instrumentation\b/.test(code)))
    return [
      problem(
        'loading.notMade',
        `${place} imports the instrumentation class, but nothing creates an instance, so nothing is traced`,
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
    `webpack has bundled register into ${file}, where it cannot find an SDK, so no spans are exported`,
    `Leave ${PACKAGE_NAME} out of the bundle, and start with \`node --require ${REGISTER} ${file}\`.`,
  );
}

function preloadSource({ start }: Program): string {
  if (/kafka-otel/.test(start.environment['NODE_OPTIONS'] ?? '')) return 'NODE_OPTIONS';
  return start.script === undefined ? 'command line' : `script "${start.script}"`;
}

function reportNotLoaded({ start, shortPath }: Program): Finding {
  const entry = shortPath(start.entry);
  const [unused] = findFilesThatLoadUs(start.folder, 2);
  if (unused !== undefined)
    return problem(
      'loading.unused',
      `${shortPath(unused)} uses ${PACKAGE_NAME}, but nothing loads that file before ${entry}, so nothing is traced`,
      `Start with \`node --require ./${shortPath(unused)} ${entry}\`, or with --import if it is an ES module.`,
    );
  return problem(
    'loading.none',
    `nothing loads ${PACKAGE_NAME}, neither NODE_OPTIONS nor a script of package.json nor a file of the program, so nothing is traced`,
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
function checkOrder({ loading, shortPath, start }: Program, { at, by }: Wiring): Finding[] {
  const before = loading.steps.slice(0, at);
  const early = before.find(
    step => step.kind === 'package' && CLIENT_LIBRARIES.some(({ packageName }) => packageName === step.name),
  );
  if (early?.kind !== 'package') return [];
  const text = `${shortPath(early.by)} loads ${early.name} before ${shortPath(by)} loads the instrumentation`;
  const fix = `Load ${shortPath(by)} first: in the first line of ${shortPath(start.entry)}, or with --require (--import for an ES module).`;
  const creator = before.find(
    step => step.kind === 'file' && /\.(?:producer|consumer|admin)\s*\(/.test(step.file.code),
  );
  return creator?.kind === 'file'
    ? [
        problem(
          'loading.late',
          `${text}, so the clients that ${shortPath(creator.file.path)} creates are not traced`,
          fix,
        ),
      ]
    : [warning('loading.order', `${text}, so clients that are created in between are not traced`, fix)];
}
