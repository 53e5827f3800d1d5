/** Reads a tutorial page as a program: its files, its commands and their output, in order. */
import { commandsOf, type Command } from './commands';
import type { Fence, Page } from './pages';

export type Step =
  | { readonly does: 'write'; readonly file: string; readonly text: string }
  | {
      readonly does: 'type';
      readonly command: Command;
      /** Lines that the command must print in this order. Other lines may be between them. `…` matches any text. */
      readonly output: readonly string[];
      /** True if the reader stops the command with Ctrl-C. Other commands exit by themselves. */
      readonly untilCtrlC: boolean;
    };

export function stepsOf(page: Page): Step[] {
  const steps: Step[] = [];
  for (const [index, fence] of page.fences.entries()) {
    const { notes, language } = fence;
    for (const file of notes['file']?.split(', ') ?? [])
      steps.push({ does: 'write', file, text: fence.text });
    if (language !== 'sh') continue;
    const commands = commandsOf(fence);
    const printed = page.fences[index + 1];
    steps.push(
      ...commands.map((command, at): Step => {
        const isLast = at === commands.length - 1;
        return {
          does: 'type',
          command,
          output: isLast ? outputOf(printed) : [],
          untilCtrlC: isLast && printed?.notes['output'] === 'until Ctrl-C',
        };
      }),
    );
  }
  return steps;
}

function outputOf(fence: Fence | undefined): string[] {
  if (fence?.notes['output'] === undefined) return [];
  return fence.text.split('\n').filter(line => line.trim() !== '');
}

/** Returns the expected lines that the output lacks. The order of the lines matters. */
export function missingIn(output: string, expected: readonly string[]): string[] {
  const lines = output.split('\n');
  let from = 0;
  return expected.filter(line => {
    const pattern = new RegExp(`^${line.split('…').map(escaped).join('.*')}$`);
    const found = lines.findIndex((each, index) => index >= from && pattern.test(each));
    if (found < 0) return true;
    from = found + 1;
    return false;
  });
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
