import { kafkaJs } from '../../clients/kafkajs';
import { isInRange } from '../../support/packages';
import { ok, problem, warning, type Finding } from '../finding';
import type { Program } from '../program';

export function checkKafkaJs(program: Program): Finding[] {
  const copies = program.copies('kafkajs');
  const inlined = inlinedIn(program);
  if (inlined !== undefined) return [checkBundle(program, inlined)];
  if (copies.length === 0)
    return [
      problem(
        'kafkajs.missing',
        'kafkajs is not installed where the program finds it: there is nothing to trace',
        'Run `npm install`, or name the entry of the service that uses kafkajs.',
      ),
    ];
  return copies.map(({ version, folder }) => {
    const named = `kafkajs ${version} in ${program.shown(folder)}`;
    if (isInRange(version, kafkaJs.supportedVersions)) return ok('kafkajs.ok', named);
    const isOnly = !copies.some(each => isInRange(each.version, kafkaJs.supportedVersions));
    return (isOnly ? problem : warning)(
      'kafkajs.version',
      `${named} is not traced: supported are 1.4 and later, and 2.x`,
      'Use kafkajs 2.2.4.',
    );
  });
}

/** Texts of kafkajs's own error messages in every supported version; a minifier keeps them. */
export const SIGNATURES = [
  'Failed to connect to seed broker',
  'Failed to find group coordinator',
  'Invalid message without value for topic',
];

function inlinedIn({ loading }: Program): string | undefined {
  return loading.files.find(({ code }) => SIGNATURES.filter(text => code.includes(text)).length >= 2)?.path;
}

function checkBundle({ loading, shown }: Program, path: string): Finding {
  const file = shown(path);
  // A call from outside of the class: its own method calls itself on `this`.
  if (loading.files.some(({ code }) => /(?<!\bthis)\.instrumentModule\s*\(/.test(code)))
    return ok('kafkajs.bundled', `kafkajs is bundled into ${file}, and handed to instrumentModule`);
  return problem(
    'kafkajs.inlined',
    `kafkajs is bundled into ${file}, where no require hook sees it: nothing of it would be traced`,
    'Leave kafkajs out of the bundle (esbuild --external:kafkajs, webpack externals), or call instrumentation.instrumentModule(require("kafkajs")).',
  );
}
