import { readPage } from '../../docs/pages';
import { run } from '../flow/run';
import { createTopics } from '../../support/topics';

/** The files in the numbered list under a heading of the page, in order. */
function documented(call: string): string[] {
  const { text } = readPage('docs/architecture.md');
  const [, section = ''] = text.split(`## The files of a ${call}\n`);
  const [list = ''] = section.split('\n## ');
  return [...list.matchAll(/^\d+\. `src\/([^`]+)\.ts`/gm)].map(([, file = '']) => `${file}.js`);
}

test('a call runs code from exactly the files listed in docs/architecture.md', async () => {
  const topics = await createTopics({ orders: 1 });
  const { reported } = await run('files.cjs', { topics, folder: 'architecture' });
  expect(reported).toEqual({
    send: documented('`send`').sort(),
    eachMessage: documented('run of `eachMessage`').sort(),
  });
});
