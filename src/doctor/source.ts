/**
 * Finds the modules that a source file loads. The file may be JavaScript or TypeScript, CommonJS or an ES module,
 * minified or not.
 */

export interface Source {
  /** The text without comments. Lines keep their numbers. */
  readonly code: string;
  /** Module specifiers, in the order in which Node.js loads them. */
  readonly loads: readonly string[];
  /** The specifiers in `loads` that are loaded only under a condition. */
  readonly conditional: ReadonlySet<string>;
  /** The specifiers in `loads` whose files may be missing, because the load is conditional or its error is handled. */
  readonly optional: ReadonlySet<string>;
}

type Token = { readonly text: string } & (
  { readonly kind: 'word' | 'mark' } | { readonly kind: 'string'; readonly value: string }
);

const WORD = /[\p{ID_Continue}$]+/uy;
const SPACE = /\s+/y;
const COMMENT = /\/\/.*|\/\*[^]*?\*\//y;
const STRING = /'(?:[^'\\\n]|\\[^])*'|"(?:[^"\\\n]|\\[^])*"/y;
const TEMPLATE_PART = /(?:[^`\\$]|\\[^]|\$(?!\{))*(`|\$\{)/y;
const REGULAR_EXPRESSION = /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/\w*/y;

/** After these tokens a slash starts a regular expression. */
const BEFORE_EXPRESSION =
  /^(?:[(,=:[!&|?{};+\-*%~^<>]|return|typeof|case|in|of|do|else|void|delete|throw|await|yield)$/;

export function readSource(text: string): Source {
  const { tokens, code } = tokenize(text);
  const immediate: string[] = [];
  const onDemand: string[] = [];
  const conditional = new Set<string>();
  const optional = new Set<string>();
  const contexts = contextsOf(tokens);
  tokens.forEach((token, index) => {
    if (token.kind !== 'word' || tokens[index - 1]?.text === '.') return;
    const called = argumentOf(tokens, index);
    // Bundlers and `createRequire` give `require` other names, such as `__require`.
    if (called !== undefined && /^(?:[\w$]*_)?require$|\wRequire$/.test(token.text)) immediate.push(called);
    else if (called !== undefined && token.text === 'import') onDemand.push(called);
    else if (token.text === 'import' || token.text === 'export') immediate.push(...declared(tokens, index));
    if (called === undefined) return;
    const { isConditional = false, isHandled = false } = contexts[index] ?? {};
    if (isConditional) conditional.add(called);
    if (isConditional || isHandled || handlesRejection(tokens, index)) optional.add(called);
  });
  return { code, loads: [...immediate, ...onDemand], conditional, optional };
}

/** The text in `name('text')`. */
function argumentOf(tokens: readonly Token[], index: number): string | undefined {
  const isCall = tokens[index + 1]?.text === '(' && /^[),]$/.test(tokens[index + 3]?.text ?? '');
  return isCall ? valueOf(tokens[index + 2]) : undefined;
}

const OPERATOR = /^(?:await|new|typeof|void|delete|return|in|of|instanceof|else|async)$/;

/** True if the promise of `import('text')` gets a rejection handler, from `.catch(…)` or `.then(…, …)`. */
function handlesRejection(tokens: readonly Token[], index: number): boolean {
  let at = index + 4;
  while (tokens[at]?.text === '.' && tokens[at + 2]?.text === '(') {
    const method = tokens[at + 1]?.text;
    let depth = 0;
    let hasTwoArguments = false;
    for (at += 2; at < tokens.length; at++) {
      const { text = '' } = tokens[at] ?? {};
      if (/^[({[]$/.test(text)) depth++;
      else if (text === ',' && depth === 1) hasTwoArguments = true;
      else if (/^[)}\]]$/.test(text) && --depth === 0) break;
    }
    if (method === 'catch' || (method === 'then' && hasTwoArguments)) return true;
    at++;
  }
  return false;
}

interface Context {
  /** True inside an `if`, `else`, `switch` or `catch`, or after `&&`, `||` or `?`. */
  readonly isConditional: boolean;
  /** True inside a `try`, or in a function with a parameter `require`. */
  readonly isHandled: boolean;
}

function contextsOf(tokens: readonly Token[]): Context[] {
  // For each open bracket: Does it belong to an `if`, `switch` or `catch`? Does it start with the parameter `require`?
  const open: (Context & { readonly isCondition: boolean; readonly hasRequire: boolean })[] = [];
  let closed: { readonly isCondition?: boolean; readonly hasRequire?: boolean } = {};
  let isStatementConditional = false;
  return tokens.map(({ text, kind }, index) => {
    const outer = open.at(-1);
    const [beforePrevious, previous] = [tokens[index - 2]?.text ?? '', tokens[index - 1]?.text ?? ''];
    // Without semicolons, a word after a complete expression starts a statement.
    const startsStatement = kind === 'word' && /[\w$)\]'"`]$/.test(previous) && !OPERATOR.test(previous);
    if (/^[;{}]$/.test(previous) || startsStatement) isStatementConditional = false;
    const isKeyword = beforePrevious !== '.';
    if (
      closed.isCondition === true ||
      previous === '?' ||
      (isKeyword && /^(?:else|catch)$/.test(previous)) ||
      /^(?:&&|\|\|)$/.test(beforePrevious + previous)
    )
      isStatementConditional = true;
    const isConditional = outer?.isConditional === true || isStatementConditional;
    const isHandled =
      outer?.isHandled === true || (text === '{' && (previous === 'try' || closed.hasRequire === true));
    closed = {};
    if (/^[({[]$/.test(text)) {
      const isCondition = text === '(' && isKeyword && /^(?:if|switch|catch)$/.test(previous);
      const hasRequire = tokens[index + 1]?.text === 'require' && tokens[index + 2]?.text === ',';
      open.push({ isCondition, hasRequire, isConditional, isHandled });
    } else if (/^[)}\]]$/.test(text)) closed = open.pop() ?? {};
    return { isConditional, isHandled };
  });
}

/** The specifier of an `import` or `export … from` statement. Empty for a type import, which loads nothing. */
function declared(tokens: readonly Token[], start: number): string[] {
  const keyword = tokens[start]?.text;
  const next = tokens[start + 1];
  const direct = valueOf(next);
  if (direct !== undefined) return keyword === 'import' ? [direct] : [];
  if (next?.text === 'type' && !/^(?:from|,)$/.test(tokens[start + 2]?.text ?? '')) return [];
  if (keyword === 'export' && !/^[*{]$/.test(next?.text ?? '')) return [];
  for (let index = start + 1; index < tokens.length; index++) {
    const token = tokens[index];
    const named = token?.text === 'from' ? valueOf(tokens[index + 1]) : undefined;
    if (named !== undefined) return [named];
    // In a valid statement, only names, commas, braces and `*` are between the keyword and `from`.
    const isPart =
      token?.kind === 'mark' ? /^[{},*]$/.test(token.text) : !/^(?:im|ex)port$/.test(token?.text ?? '');
    if (!isPart) return [];
  }
  return [];
}

const valueOf = (token: Token | undefined): string | undefined =>
  token?.kind === 'string' ? token.value : undefined;

function tokenize(text: string): { readonly tokens: Token[]; readonly code: string } {
  const tokens: Token[] = [];
  // For each open template literal, the number of open braces in its current `${…}`.
  const open: number[] = [];
  let code = '';
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (!match) return undefined;
    at = pattern.lastIndex;
    return match;
  };
  const keep = (match: RegExpExecArray): string => {
    code += match[0];
    return match[0];
  };
  const template = (): void => {
    const match = take(TEMPLATE_PART);
    if (!match) {
      at = text.length;
      return;
    }
    const part = keep(match);
    if (match[1] === '${') open.push(0);
    else tokens.push({ kind: 'string', text: part, value: part.slice(0, -1) });
  };
  while (at < text.length) {
    const start = at;
    const space = take(SPACE);
    if (space) keep(space);
    else if (take(COMMENT)) code += ` ${text.slice(start, at).replace(/[^\n]/g, '')}`;
    else {
      const word = take(WORD);
      const string = word ? undefined : take(STRING);
      const previous = tokens.at(-1);
      const expression =
        !word && !string && (!previous || BEFORE_EXPRESSION.test(previous.text)) && take(REGULAR_EXPRESSION);
      if (word) tokens.push({ kind: 'word', text: keep(word) });
      else if (string) {
        const quoted = keep(string);
        tokens.push({ kind: 'string', text: quoted, value: quoted.slice(1, -1) });
      } else if (expression) tokens.push({ kind: 'mark', text: keep(expression) });
      else {
        const mark = text.charAt(at++);
        code += mark;
        const depth = open.at(-1);
        if (mark === '`') template();
        else if (mark === '}' && depth === 0) {
          open.pop();
          template();
        } else {
          if (depth !== undefined && mark === '{') open[open.length - 1] = depth + 1;
          if (depth !== undefined && mark === '}') open[open.length - 1] = depth - 1;
          tokens.push({ kind: 'mark', text: mark });
        }
      }
    }
  }
  return { tokens, code };
}
