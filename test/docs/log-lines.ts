import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { ROOT } from './pages';

/** Minimum number of fixed characters in a message. Shorter messages would match almost any line. */
const MIN_LITERAL = 12;

/** Returns a function that tells whether this package or the OpenTelemetry API can log a line. */
export function createLineCheck(): (line: string) => boolean {
  const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.ts') && !file.startsWith('doctor'))
    .map(file => join(ROOT, 'src', file));
  const api = join(ROOT, 'node_modules/@opentelemetry/api/build/src/internal/global-utils.js');
  const patterns = [...sources, api].flatMap(patternsOf);
  return line => {
    const message = line.replace(/^kafka-otel: (?:(?:error|warning|info): )?/, '');
    return patterns.some(pattern => pattern.test(message));
  };
}

function patternsOf(file: string): RegExp[] {
  const patterns: RegExp[] = [];
  const visit = (node: ts.Node): void => {
    // Remove the prefix. With only the prefix, a pattern would match every line.
    const parts = partsOf(node)?.map(part => part.replace(/^kafka-otel: /, '').replace(/\n$/, ''));
    if (parts && parts.join('').length >= MIN_LITERAL) {
      patterns.push(new RegExp(`^${parts.map(escaped).join('.*')}(?: .*)?$`));
      return;
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true));
  return patterns;
}

/** Returns the fixed parts of a text in order, or `undefined` if the node is no text. */
function partsOf(node: ts.Node): string[] | undefined {
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return [node.text];
  if (ts.isTemplateExpression(node))
    return [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)];
  if (!ts.isBinaryExpression(node) || node.operatorToken.kind !== ts.SyntaxKind.PlusToken) return undefined;
  const [left, right] = [partsOf(node.left), partsOf(node.right)];
  if (!left || !right) return undefined;
  return [...left.slice(0, -1), `${left.at(-1) ?? ''}${right[0] ?? ''}`, ...right.slice(1)];
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
