import { extname } from 'node:path';
import { CLIENT_LIBRARIES } from '../../clients';
import { isInRange, owningPackage } from '../../support/packages';
import { PACKAGE_NAME } from '../../support/version';
import { ok, problem, unsure, warning, type Finding, type Findings, type Report } from '../finding';
import { placeOf, preloadSource, type Program } from '../program';

/** The same versions as in `engines` of package.json. */
const SUPPORTED_NODE = ['>=18.19.0 <19', '>=20.6.0'];

export function checkNode({ nodeVersion, sdk }: Program): Findings {
  if (!isInRange(nodeVersion, SUPPORTED_NODE))
    return problem(
      'node.old',
      `Node.js ${nodeVersion} is not supported`,
      `nothing would be traced`,
      'Use Node.js 18.19 or a later 18.x, or 20.6 or later.',
    );
  const [, needed] = /^>=\s*([\d.]+)/.exec(sdk?.manifest.engines?.node ?? '') ?? [];
  if (sdk && needed !== undefined && !isInRange(nodeVersion, [`>=${needed}`]))
    return problem(
      'node.sdk',
      `${sdk.name} ${sdk.version} needs Node.js ${needed} or later, but this is ${nodeVersion}`,
      `the SDK may not start`,
      'Use a newer Node.js, or the 2.x line of the SDK: `npm install "@opentelemetry/sdk-node@<0.300"`.',
    );
  return ok('node.ok', `Node.js ${nodeVersion} is supported`);
}

export function checkEntry(program: Program): Findings {
  const { start, shortPath } = program;
  const entry = shortPath(start.entry);
  const { isModule, reason } = moduleSystem(program);
  const by = start.script === undefined ? '' : `, started by the script "${start.script}"`;
  return [
    ok('entry.ok', `${entry} is ${isModule ? 'an ES module' : 'CommonJS'} (${reason})${by}`),
    checkTypeScript(program, entry),
    checkReadable(program),
    checkMissing(program),
    isModule ? checkEsmLoader(program) : [],
  ];
}

/** A file that cannot be read may use Kafka too. */
const checkReadable = ({ loading, shortPath }: Program): Findings =>
  loading.unreadable.map(({ path, reason }) =>
    unsure(
      'entry.unread',
      `${shortPath(path)} was not read: ${reason}`,
      'what it loads, and whether it creates clients, is not known',
      /^E/.test(reason)
        ? 'Run this command as the user that runs the program, or change the permissions of the file.'
        : 'Run this command on the sources from which the file is built.',
      { file: shortPath(path) },
    ),
  );

function checkMissing(program: Program): Findings {
  const { loading, ownSdk, shortPath } = program;
  // If one of these packages is missing, another check reports it.
  const reported = [PACKAGE_NAME, ownSdk?.step.name, ...CLIENT_LIBRARIES.map(each => each.packageName)];
  return loading.missing.flatMap(({ specifier, by, packageName, unbuilt }) => {
    if (packageName !== undefined && reported.includes(packageName)) return [];
    const loads = by === '' ? `${preloadSource(program, specifier)} preloads` : `${shortPath(by)} loads`;
    const report = (code: string, lack: string, until: string, fix: string): Finding =>
      unsure(
        code,
        `${loads} ${specifier}, which ${lack}`,
        `the program fails at this point, unless ${until} before it starts`,
        fix,
        placeOf(program, by, specifier),
      );
    if (unbuilt) {
      const { name, folder, manifest } = unbuilt.found;
      return report(
        'entry.notInstalled',
        `is not built: ${shortPath(folder)} has no ${unbuilt.target}`,
        'the package is built',
        typeof manifest.scripts?.['build'] === 'string'
          ? `Run \`npm run build -w ${name}\`, then run this command again.`
          : 'Build that package, then run this command again.',
      );
    }
    return packageName === undefined
      ? report(
          'entry.notFound',
          'is not a file',
          'the file is made',
          'Build the program first if a build makes the file. Otherwise correct the path.',
        )
      : report(
          'entry.notInstalled',
          'is not installed',
          'the package is installed',
          by === '' ? `Run \`npm install ${packageName}\`.` : 'Run `npm install`.',
        );
  });
}

function moduleSystem({ start, nodeVersion, loading }: Program): { isModule: boolean; reason: string } {
  const extension = extname(start.entry);
  if (/^\.m/.test(extension)) return { isModule: true, reason: 'by its extension' };
  if (/^\.c/.test(extension)) return { isModule: false, reason: 'by its extension' };
  const type = owningPackage(start.entry, () => true)?.manifest.type;
  if (type === 'module' || type === 'commonjs')
    return { isModule: type === 'module', reason: `package.json: "type": "${type}"` };
  const code = loading.files.find(({ path }) => path === start.entry)?.code ?? '';
  const hasModuleSyntax = /^\s*(?:import\s*[\w{*'"]|export\s)/m.test(code);
  // If package.json has no `type`, newer versions of Node.js look at the syntax of the file to decide whether it is an
  // ES module. This does not apply to compiled TypeScript: without a `type`, compilers and tsx produce CommonJS.
  const isCompiled = /tsx?$/.test(extension) && (start.runner !== undefined || !stripsTypes(nodeVersion));
  if (hasModuleSyntax && !isCompiled && isInRange(nodeVersion, ['>=20.19.0 <21', '>=22.7.0']))
    return { isModule: true, reason: 'by its syntax' };
  return { isModule: false, reason: 'no "type" in package.json' };
}

const COMPILERS =
  /^(?:tsx|ts-node|@swc|@swc-node|esbuild-register|esbuild-runner|sucrase|@babel|amaro|jiti)\b/;

/** Whether this Node.js runs TypeScript by itself. */
const stripsTypes = (nodeVersion: string): boolean => isInRange(nodeVersion, ['>=22.18.0 <23', '>=23.6.0']);

function checkTypeScript({ start, loading, nodeVersion }: Program, entry: string): Findings {
  if (!/tsx?$/.test(extname(start.entry))) return [];
  const { loaders, preloads } = start.options;
  // A preloaded file may load the compiler, so all loaded packages are searched.
  const names = loading.steps.flatMap(step => (step.kind === 'package' ? [step.name] : []));
  const hasLoader = [...loaders, ...preloads, ...names].some(each => COMPILERS.test(each));
  if (start.runner !== undefined || hasLoader || stripsTypes(nodeVersion)) return [];
  const text = `${entry} is TypeScript, which Node.js ${nodeVersion} does not run, and neither tsx nor ts-node is used`;
  const [report, why, fix]: [Report, string, string] = start.isCommandKnown
    ? [
        problem,
        'the program does not start',
        'Start the file that the compiler writes, or run `npm install tsx` and start with `npx tsx`.',
      ]
    : [
        unsure,
        'this may not be the file that runs in production',
        'Pass the file that runs in production, for example: kafka-otel doctor dist/app.js.',
      ];
  return report('entry.typescript', text, why, fix, { file: entry });
}

/**
 * Warns if an ES module program has no loader hook, because then http and other libraries are not traced. Kafka clients
 * are traced anyway: their files are CommonJS, so the require hook sees them.
 */
function checkEsmLoader({ start, wiring, loading }: Program): Findings {
  // Next.js, Bun and Deno do not use the loader hooks of Node.js.
  if (wiring?.kind !== 'own' || /^(?:next|bun|deno)$/.test(start.runner ?? '')) return [];
  const isHooked =
    [...start.options.loaders, ...start.options.preloads].some(each => /hook\.mjs$/.test(each)) ||
    loading.files.some(({ code }) => /hook\.mjs|register-hooks/.test(code));
  if (isHooked) return [];
  return warning(
    'entry.loader',
    'the program is an ES module without a loader hook: Kafka clients are traced, but http and other libraries are not',
    'the spans around those of Kafka are missing',
    'Add --experimental-loader=@opentelemetry/instrumentation/hook.mjs, or use --require @org/kafka-otel/register, which activates the hook.',
  );
}
