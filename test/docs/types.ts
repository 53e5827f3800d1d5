/**
 * Compiles the code examples of the pages as strict TypeScript. This finds options, fields and exports that do not
 * exist.
 */
import { join } from 'node:path';
import ts from 'typescript';
import { imported, prelude } from './given';
import { ROOT, type Fence } from './pages';

/** Languages of the code blocks to compile. */
export const CODE = ['js', 'mjs', 'ts'] as const;

type Snippet = Pick<Fence, 'text' | 'notes'>;

/**
 * Returns the messages of the compiler for each example. All examples are compiled together, because loading the types
 * takes seconds.
 */
export function compile(snippets: readonly Snippet[]): string[][] {
  const files = new Map(snippets.map((snippet, index) => [fileOf(index), asTypeScript(snippet)]));
  const settings = compilerOptions();
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
    const source = program.getSourceFile(fileOf(index));
    const diagnostics = [
      ...program.getSyntacticDiagnostics(source),
      ...program.getSemanticDiagnostics(source),
    ];
    return diagnostics.map(({ messageText, start = 0 }) => {
      const at = source?.text.slice(start, start + 60) ?? '';
      return `${ts.flattenDiagnosticMessageText(messageText, ' ')} in: ${at}`;
    });
  });
}

function compilerOptions(): ts.CompilerOptions {
  const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.test.json'), path => ts.sys.readFile(path)) as {
    config: unknown;
  };
  const { options } = ts.parseJsonConfigFileContent({ ...(config as object), include: [] }, ts.sys, ROOT);
  return {
    ...options,
    noEmit: true,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    types: ['node'],
    paths: {
      '@org/kafka-otel': [join(ROOT, 'src/index.ts')],
      '@confluentinc/kafka-javascript': [join(ROOT, 'test/docs/confluent-client.ts')],
      '@vercel/otel': [join(ROOT, 'test/docs/vercel-otel.ts')],
      '@rollup/*': [join(ROOT, 'test/docs/rollup-plugin.ts')],
    },
  };
}

const fileOf = (index: number): string => join(ROOT, 'test', `snippet-${index}.ts`);

/** Converts `require` to a typed import. Files of the reader are not loaded. */
function asTypeScript({ text, notes }: Snippet): string {
  const typed = text
    .replace(/^const (\{[^}]*\}) = require\(('[^']*')\);$/gm, (_, names: string, module: string) => {
      // `require` renames with `{ a: b }`; `import` renames with `{ a as b }`.
      return `import ${names.replaceAll(': ', ' as ')} from ${module};`;
    })
    .replace(/\brequire\('kafkajs'\)/g, "(await import('kafkajs'))")
    .replace(/^import \{([^}]*)\} from '\.\/.*$/gm, (_, names: string) => imported(names))
    .replace(/^import '\.\/.*$/gm, '')
    .replace(/\bimport\('\.\/[^']*'\)/g, 'Promise.resolve()');
  return `${prelude(notes['given'])}\n${typed}\nexport {};\n`;
}
