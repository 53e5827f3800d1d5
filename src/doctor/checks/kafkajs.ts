import { kafkaJs } from '../../clients/kafkajs';
import { isInRange } from '../../support/packages';
import { ok, problem, warning, type Finding, type Program } from '../program';

export function checkKafkaJs(program: Program): Finding[] {
  const bundle = findInlined(program);
  if (bundle !== undefined) return [checkBundle(program, bundle)];
  const copies = program.copies('kafkajs');
  if (copies.length === 0)
    return [
      problem(
        'kafkajs.missing',
        'kafkajs is not installed where the program can load it, so there is nothing to trace',
        'Run `npm install`, or pass the file of the service that uses kafkajs: kafka-otel doctor service.js.',
      ),
    ];
  const { supportedVersions } = kafkaJs;
  const hasSupported = copies.some(({ version }) => isInRange(version, supportedVersions));
  return copies.map(({ version, folder }) => {
    const copy = `kafkajs ${version} in ${program.shortPath(folder)}`;
    if (isInRange(version, supportedVersions)) return ok('kafkajs.ok', copy);
    const range = supportedVersions.join(' || ');
    return (hasSupported ? warning : problem)(
      'kafkajs.version',
      `${copy} is not traced: the supported versions are ${range}`,
      `Run \`npm install "kafkajs@${range}"\`.`,
    );
  });
}

/** Parts of error messages that every supported version of kafkajs contains. A minifier keeps them. */
export const SIGNATURES = [
  'Failed to connect to seed broker',
  'Failed to find group coordinator',
  'Invalid message without value for topic',
];

function findInlined({ loading }: Program): string | undefined {
  return loading.files.find(({ code }) => SIGNATURES.filter(text => code.includes(text)).length >= 2)?.path;
}

function checkBundle({ loading, shortPath }: Program, path: string): Finding {
  const file = shortPath(path);
  // Calls on `this` are those of the class itself, which may be in the bundle too.
  if (loading.files.some(({ code }) => /(?<!\bthis)\.instrumentModule\s*\(/.test(code)))
    return ok('kafkajs.bundled', `kafkajs is bundled into ${file}, and is passed to instrumentModule`);
  return problem(
    'kafkajs.inlined',
    `kafkajs is bundled into ${file}, where no require hook can patch it, so nothing would be traced`,
    'Leave kafkajs out of the bundle (esbuild --external:kafkajs, webpack externals), or call instrumentation.instrumentModule(require("kafkajs")).',
  );
}
