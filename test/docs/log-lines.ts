import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { ROOT } from './pages';

/** Texts with less that is certain would match anything. */
const LEAST = 12;

/** Whether a line is one that the sources can write, ours or those of the API package. */
export function createLineCheck(): (line: string) => boolean {
  const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.ts') && !file.startsWith('doctor'))
    .map(file => join(ROOT, 'src', file));
  const api = join(ROOT, 'node_modules/@opentelemetry/api/build/src/internal/global-utils.js');
  const patterns = [...sources, api].flatMap(patternsOf);
  return line => {
    const message = line.replace(/^kafka-otel: (?:(?:error|warning|info): )?(?:@org\/kafka-otel )?/, '');
    return patterns.some(pattern => pattern.test(message));
  };
}

function patternsOf(file: string): RegExp[] {
  const patterns: RegExp[] = [];
  const visit = (node: ts.Node): void => {
    const parts = partsOf(node);
    if (parts && parts.join('').length >= LEAST) {
      // The texts that stand before a message: who says it.
      const parsed = parts.map(part => part.replace(/^kafka-otel: /, '').replace(/\n$/, ''));
      patterns.push(new RegExp(`^${parsed.map(escaped).join('.*')}(?: .*)?$`));
      return;
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true));
  return patterns;
}

/** The certain parts of a text, in order; `undefined` where the node is no text. */
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
