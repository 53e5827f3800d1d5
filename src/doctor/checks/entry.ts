import { extname } from 'node:path';
import { ok, warning, type Finding } from '../finding';
import { owningPackage } from '../packages';
import type { Program } from '../program';
import { isAtLeast, parseVersion } from '../versions';

export function checkEntry(program: Program): Finding[] {
  const { start, shown } = program;
  const entry = shown(start.entry);
  const { isModule, why } = moduleSystem(program);
  const by = start.script === undefined ? '' : `, started by the script "${start.script}"`;
  return [
    ok('entry.ok', `${entry} is ${isModule ? 'an ES module' : 'CommonJS'} (${why})${by}`),
    ...checkTypeScript(program, entry),
    ...(isModule ? checkOtherLibraries(program) : []),
  ];
}

function moduleSystem({ start, nodeVersion, loading }: Program): { isModule: boolean; why: string } {
  const extension = extname(start.entry);
  if (/^\.m/.test(extension)) return { isModule: true, why: 'by its extension' };
  if (/^\.c/.test(extension)) return { isModule: false, why: 'by its extension' };
  const scope = owningPackage(start.entry);
  if (scope?.manifest.type === 'module') return { isModule: true, why: 'package.json: "type": "module"' };
  if (scope?.manifest.type === 'commonjs')
    return { isModule: false, why: 'package.json: "type": "commonjs"' };
  const code = loading.files.find(({ path }) => path === start.entry)?.code ?? '';
  const hasSyntax = /^\s*(?:import\s*[\w{*'"]|export\s)/m.test(code);
  if (hasSyntax && detectsSyntax(nodeVersion)) return { isModule: true, why: 'by its syntax' };
  return { isModule: false, why: 'no "type" in package.json' };
}

/** Node.js looks at the syntax where nothing else tells, since 20.19 and 22.7. */
function detectsSyntax(version: string): boolean {
  const [major] = parseVersion(version);
  return isAtLeast(version, 22, 7, 0) || (major === 20 && isAtLeast(version, 20, 19, 0));
}

function checkTypeScript({ start, nodeVersion }: Program, entry: string): Finding[] {
  if (!/ts$/.test(extname(start.entry))) return [];
  const loader = [...start.options.loaders, ...start.options.preloads].find(each =>
    /^(tsx|ts-node|@swc)/.test(each),
  );
  const [major] = parseVersion(nodeVersion);
  const strips = isAtLeast(nodeVersion, 23, 6, 0) || (major === 22 && isAtLeast(nodeVersion, 22, 18, 0));
  if (start.runner ?? loader ?? (strips || undefined)) return [];
  return [
    warning(
      'entry.typescript',
      `${entry} is TypeScript, and nothing here runs it: no tsx, no ts-node, and Node.js ${nodeVersion} does not`,
      'Name the file that is run in production, for example dist/app.js.',
    ),
  ];
}

/** kafkajs itself needs no loader: it is CommonJS inside, and the require hook sees that. */
function checkOtherLibraries({ start, wiring, loading }: Program): Finding[] {
  if (wiring?.kind !== 'own') return [];
  const isHooked =
    [...start.options.loaders, ...start.options.preloads].some(each => /hook\.mjs$/.test(each)) ||
    loading.files.some(({ code }) => /hook\.mjs|register-hooks/.test(code));
  if (isHooked) return [];
  return [
    warning(
      'entry.loader',
      'kafkajs is traced in ES modules as it is, but other libraries, http first of all, are not: their spans will be missing above and below those of Kafka',
      'Add --experimental-loader=@opentelemetry/instrumentation/hook.mjs, or use --require @org/kafka-otel/register, which does it for you.',
    ),
  ];
}
