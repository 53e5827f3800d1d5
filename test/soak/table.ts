import type { Pair } from './pair';
import { connected, handled } from './verdict';

const whole = (count: number): string => count.toLocaleString('en');
const megabytes = (bytes: number): string => (bytes / 1024 / 1024).toFixed(1);
const most = ({ times }: Pair): number => times.reduce((max, count) => Math.max(max, count), 0);

export async function table(bare: Pair, traced: Pair, violations: readonly string[]): Promise<string> {
  const { markdownTable } = await import('markdown-table');
  const row = (what: string, of: (pair: Pair) => string): string[] => [what, of(bare), of(traced)];
  const spansOf = (role: 'producer' | 'consumer') => (pair: Pair) => whole(pair[role].spans?.ended ?? 0);
  return [
    markdownTable([
      ['', 'bare', 'traced'],
      row('messages sent', pair => whole(pair.times.length)),
      row('messages processed', pair => whole(handled(pair))),
      row('most deliveries of one message', pair => `${most(pair)} ×`),
      row('ended producer spans', spansOf('producer')),
      row('ended consumer spans', spansOf('consumer')),
      row('messages whose consumer span has the send span as its parent', pair =>
        pair === bare ? '' : whole(connected(pair)),
      ),
      row('growth of the producer’s heap, MB', pair => megabytes(pair.producer.grown)),
      row('growth of the consumer’s heap, MB', pair => megabytes(pair.consumer.grown)),
      row('lines on stderr', pair => whole(pair.stderrLines.length)),
      row('duration, s', pair => pair.consumer.seconds.toFixed(0)),
    ]),
    violations.length === 0
      ? 'The traced run met all requirements.'
      : `Violations:\n\n${violations.map(each => `- ${each}`).join('\n')}`,
  ].join('\n\n');
}
