import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ok, problem, warning, type Finding } from '../finding';
import type { Program } from '../program';
import { REGISTER, type InlinedRegister, type Wiring } from '../wiring';
import { PACKAGE_NAME } from '../../support/version';

export function checkLoading(program: Program): Finding[] {
  const { wiring, shown } = program;
  if (!wiring) return [checkUnused(program)];
  if (wiring.kind === 'inlined') return [checkInlined(shown(wiring.by), wiring.register)];
  const place = wiring.by === '' ? givenBy(program) : shown(wiring.by);
  if (!wiring.copy)
    return [
      problem(
        'loading.missing',
        `${PACKAGE_NAME} is asked for (${place}), but not installed there`,
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
  return [ok('loading.own', `${copy} is loaded and made in ${place}`), ...checkOrder(program, wiring)];
}

function checkInlined(file: string, register: InlinedRegister): Finding {
  if (register !== 'blind') return ok('loading.inlined', `${PACKAGE_NAME} is bundled into ${file}`);
  return problem(
    'loading.registerInlined',
    `register is bundled into ${file} by webpack, and finds no SDK from in there`,
    `Leave ${PACKAGE_NAME} out of the bundle, and start with \`node --require ${REGISTER} ${file}\`.`,
  );
}

/** Where a preload of that name was given: the environment comes with the container, a script with the program. */
function givenBy({ start }: Program): string {
  if (/kafka-otel/.test(start.environment['NODE_OPTIONS'] ?? '')) return 'NODE_OPTIONS';
  return start.script === undefined ? 'command line' : `script "${start.script}"`;
}

function checkUnused({ start, shown }: Program): Finding {
  const lost = mentions(start.folder, 2)[0];
  if (lost !== undefined)
    return problem(
      'loading.unused',
      `${shown(lost)} uses ${PACKAGE_NAME}, but nothing loads that file before ${shown(start.entry)}`,
      `Start with \`node --require ./${shown(lost)} ${shown(start.entry)}\`; for an ES module, with --import.`,
    );
  return problem(
    'loading.none',
    `nothing loads ${PACKAGE_NAME}: neither NODE_OPTIONS, nor a script of package.json, nor a file of the program`,
    `Start with \`node --require ${REGISTER} ${shown(start.entry)}\`, or add \`new KafkaInstrumentation()\` to your own SDK.`,
  );
}

/** Loads what installs something; the helpers alone do not. */
const LOADS_US = /['"]@org\/kafka-otel\/register['"]|\bKafka(?:Js)?Instrumentation\b[^]*['"]@org\/kafka-otel['"]/;

/** Files near the top of the project that load this package. */
function mentions(folder: string, depth: number): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap(entry => {
    const path = join(folder, entry.name);
    if (entry.isDirectory())
      return depth > 0 && !/^(?:node_modules|\..*)$/.test(entry.name) ? mentions(path, depth - 1) : [];
    if (!entry.isFile() || !/(?<!\.d)\.[cm]?[jt]s$/.test(entry.name)) return [];
    return LOADS_US.test(readFileSync(path, 'utf8')) ? [path] : [];
  });
}

/** Clients that are made before the instrumentation is stay bare. */
function checkOrder({ loading, shown, start }: Program, { at, by }: Wiring): Finding[] {
  const before = loading.steps.slice(0, at);
  const early = before.find(step => step.kind === 'package' && step.name === 'kafkajs');
  if (early?.kind !== 'package') return [];
  const text = `kafkajs is loaded by ${shown(early.by)} before the instrumentation is, by ${shown(by)}`;
  const fix = `Load ${shown(by)} first: as the first line of ${shown(start.entry)}, or with --require (for an ES module --import).`;
  const bare = before.find(
    step => step.kind === 'file' && /\.(?:producer|consumer|admin)\s*\(/.test(step.file.code),
  );
  return bare?.kind === 'file'
    ? [
        problem(
          'loading.late',
          `${text}; the clients that ${shown(bare.file.path)} makes until then stay untraced`,
          fix,
        ),
      ]
    : [warning('loading.order', `${text}; clients made until then stay untraced`, fix)];
}
