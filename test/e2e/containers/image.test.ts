import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTopics } from '../loading/support/topics';
import { processed, sent } from '../loading/support/whole';
import { projectRoot } from '../../support/program';
import { buildImage, type Image } from './support/build';
import { packProject } from './support/npm';
import { kafkajs, layOutPrograms, run } from './support/programs';
import { inject, wirings } from './support/wirings';

const folder = mkdtempSync(join(tmpdir(), 'kafka-otel-containers-'));
let image: Image;

beforeAll(() => {
  const context = join(folder, 'context');
  cpSync(join(projectRoot, 'deploy/image'), context, { recursive: true });
  packProject(context);
  const work = join(folder, 'stages');
  mkdirSync(work);
  console.time('b');
  image = buildImage(context, work);
  console.timeEnd('b');
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test.each(Object.entries(wirings))('%s', async (name, wiring) => {
  const { orders } = await createTopics(['orders']);
  const nodeOptions = inject(wiring(), image, join(folder, `volume-${name}`.replace(/ /g, '-')));
  const cwd = layOutPrograms(folder, kafkajs);
  const told = await run({ cwd, file: 'plain.cjs', env: { NODE_OPTIONS: nodeOptions, TOPIC: orders.name } });
  console.log(told);
  expect(told.spans).toEqual([sent(orders), processed(orders)]);
});
