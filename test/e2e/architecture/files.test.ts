import { readPage } from '../../docs/pages';
import { run } from '../flow/run';
import { createTopics } from '../../support/topics';

/** The files of the numbered list under a heading of the page, in its order. */
function documented(call: string): string[] {
  const { text } = readPage('docs/architecture.md');
  const [, section = ''] = text.split(`## What a ${call} passes`);
  const [list = ''] = section.split('\n## ');
  return [...list.matchAll(/^\d+\. `src\/([^`]+)\.ts`/gm)].map(([, file = '']) => `${file}.js`);
}

test('a call enters the files that the architecture page lists, and no others', async () => {
  const topics = await createTopics({ orders: 1 });
  const { reported } = await run('files.cjs', { topics, folder: 'architecture' });
  expect(reported).toEqual({
    send: documented('`send`').sort(),
    eachMessage: documented('run of `eachMessage`').sort(),
  });
});
