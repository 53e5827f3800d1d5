import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONSUMERS } from '../../packed/consumers';

test('README.md has the install command that the packed tests run', () => {
  const readme = readFileSync(join(__dirname, '../../../README.md'), 'utf8').replace(/\s+/g, ' ');
  const tried = CONSUMERS.filter(({ name }) => name.includes('README.md'));
  const commands = tried.flatMap(({ installs }) => installs.map(each => `npm install ${each.join(' ')}`));
  const own = commands.filter(command => command !== 'npm install kafkajs');
  expect(own).toHaveLength(tried.length);
  for (const command of own) expect(readme).toContain(command.replace('ours', '@org/kafka-otel'));
});
