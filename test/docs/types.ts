import { join } from 'node:path';
import ts from 'typescript';

const ROOT = join(__dirname, '../../..');

/** What the snippets of the pages take as given: the program around them. */
const AROUND = `
import type { Consumer, Producer } from 'kafkajs';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { KafkaJsInstrumentation } from '@org/kafka-otel';
declare global {
  const producer: Producer;
  const consumer: Consumer;
  const handle: (message: unknown) => Promise<void>;
}
`;
const GIVEN = `
import { NodeSDK } from '@opentelemetry/sdk-node';
import { KafkaJsInstrumentation } from '@org/kafka-otel';
void NodeSDK, KafkaJsInstrumentation;
`;

/** The fenced blocks of one language in a page. */
export function blocksOf(page: string, language: string): string[] {
  return [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'gm'))].map(
    ([, block = '']) => block,
  );
}

/** What the compiler says of each snippet, as a file of its own; one program for all, since its types take seconds to read. */
export function compile(snippets: readonly string[]): string[][] {
  const files = new Map(snippets.map((snippet, index) => [snippetFile(index), asTypeScript(snippet)]));
  files.set(join(ROOT, 'test', 'around.ts'), AROUND);
  const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.test.json'), path => ts.sys.readFile(path)) as {
    config: unknown;
  };
  const { options } = ts.parseJsonConfigFileContent({ ...(config as object), include: [] }, ts.sys, ROOT);
  const settings: ts.CompilerOptions = {
    ...options,
    noEmit: true,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    types: ['node'],
    paths: { '@org/kafka-otel': [join(ROOT, 'src/index.ts')] },
  };
  const host = ts.createCompilerHost(settings);
  const fileExists = host.fileExists.bind(host);
  const getSourceFile = host.getSourceFile.bind(host);
  host.fileExists = file => files.has(file) || fileExists(file);
  host.getSourceFile = (file, version, ...rest) => {
    const text = files.get(file);
    return text === undefined
      ? getSourceFile(file, version, ...rest)
      : ts.createSourceFile(file, text, version, true);
  };
  const program = ts.createProgram([...files.keys()], settings, host);
  return snippets.map((_, index) => {
    const source = program.getSourceFile(snippetFile(index));
    const told = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    return told.map(({ messageText, start = 0 }) => {
      const at = source?.text.slice(start, start + 60) ?? '';
      return `${ts.flattenDiagnosticMessageText(messageText, ' ')} in: ${at}`;
    });
  });
}

const snippetFile = (index: number): string => join(ROOT, 'test', `snippet-${index}.ts`);

/** As JavaScript is written; a `require` becomes the import that has types. */
function asTypeScript(snippet: string): string {
  const imported = snippet
    .replace(/^const (\{[^}]*\}) = require\(('[^']*')\);$/gm, 'import $1 from $2;')
    .replace(/\brequire\('kafkajs'\)/g, "(await import('kafkajs'))")
    // Files of the reader's own program.
    .replace(/^import .*'\.\/.*$/gm, '');
  const isGiven = /KafkaJsInstrumentation \}/.test(imported);
  return `${isGiven ? '' : GIVEN}${imported}\nexport {};\n`;
}
