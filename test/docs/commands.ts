/** Finds the commands on the pages of the docs. Each line of a `sh` code block is a command. */
import { nodeCommands, shellWords } from '../../src/doctor/commands';
import type { Fence, Page } from './pages';

export interface Command {
  /** Page and line. */
  readonly place: string;
  readonly page: string;
  /** The text on the page without its comment. */
  readonly text: string;
  /** Variables that the line sets before the command. */
  readonly environment: Readonly<Record<string, string>>;
  /** The program and its arguments. Empty if the line sets only variables. */
  readonly words: readonly string[];
}

/** Returns the commands of a code block. Commands joined by `&&` count separately. */
export function commandsOf({ page, line, text }: Pick<Fence, 'page' | 'line' | 'text'>): Command[] {
  const lines = text.replace(/\\\n/g, match => ' '.repeat(match.length)).split('\n');
  return lines.flatMap((whole, index) => {
    const command = withoutComment(whole);
    if (command === '') return [];
    return command.split(/\s+(?:&&|\|\||;)\s+/).map(part => {
      const words = shellWords(part.replace(/^export /, ''));
      const first = words.findIndex(word => !/^[A-Za-z_]\w*=/.test(word));
      const assignments = first < 0 ? words : words.slice(0, first);
      return {
        place: `${page}:${line + 1 + index}`,
        page,
        text: part,
        environment: Object.fromEntries(assignments.map(assignmentOf)),
        words: first < 0 ? [] : words.slice(first),
      };
    });
  });
}

/** Returns the commands in backticks in sentences and tables. A text with `…` is no complete command. */
export function commandsInProse({ path, text }: Page): Command[] {
  const prose = text.replace(/^(```|~~~)[^]*?^\1$/gm, fence => fence.replace(/[^\n]/g, ''));
  return prose
    .split('\n')
    .flatMap((line, index) =>
      [...line.matchAll(/`((?:[A-Z_]+=\S+ )*(?:npm|npx|node|docker) [^`…]+)`/g)].flatMap(([, code = '']) =>
        commandsOf({ page: path, line: index, text: code }),
      ),
    );
}

function assignmentOf(word: string): readonly [name: string, value: string] {
  const equals = word.indexOf('=');
  return [word.slice(0, equals), word.slice(equals + 1)];
}

/** A comment begins with `#` at the start of a word, outside quotes. */
function withoutComment(line: string): string {
  let quote = '';
  for (const [index, character] of Array.from(line).entries()) {
    if (quote !== '') {
      if (character === quote) quote = '';
    } else if (character === '"' || character === "'") {
      quote = character;
    } else if (character === '#' && /^$|\s/.test(line.charAt(index - 1))) {
      return line.slice(0, index).trim();
    }
  }
  return line.trim();
}

export const preloadsOf = ({ text }: Command): readonly string[] =>
  nodeCommands(text).flatMap(({ preloads, loaders }) => [...preloads, ...loaders]);
