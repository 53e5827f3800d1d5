import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cachedKafka, cacheFolder, downloadKafka } from '../../../support/kafka/maven';
import { parentProcess } from '../../../support/kafka/parent-process';
import { folderPerTest, onlyTheseTools } from './tools';

const folder = folderPerTest();
const SYSTEM = process.env['PATH'] ?? '';

/** An environment with a program `mvn`, which writes one jar and then runs the shell code `then`. */
function withMaven(then: string): Record<string, string> {
  const mvn = `for word; do case "$word" in -DoutputDirectory=*) jars=\${word#*=};; esac; done
mkdir -p "$jars"; echo jar > "$jars/kafka.jar"
${then}`;
  const env = onlyTheseTools(folder(), { mvn });
  return { ...env, PATH: `${env['PATH'] ?? ''}:${SYSTEM}` };
}

const download = (env: Record<string, string>): Promise<string> =>
  downloadKafka({ version: '4.4.0', maven: 'mvn', env, progress: () => undefined });

test('the cache is KAFKA_CACHE, else kafka-otel in the cache folder of the user', () => {
  expect(cacheFolder({ KAFKA_CACHE: '/c', XDG_CACHE_HOME: '/x' })).toBe('/c');
  expect(cacheFolder({ XDG_CACHE_HOME: '/x' })).toBe('/x/kafka-otel');
  expect(cacheFolder({})).toMatch(/\/\.cache\/kafka-otel$/);
});

test('a downloaded version is found in the cache, other versions are not', async () => {
  const env = withMaven('exit 0');
  expect(cachedKafka('4.4.0', env)).toBeUndefined();
  const jars = await download(env);
  expect(readdirSync(jars)).toEqual(['kafka.jar']);
  expect(cachedKafka('4.4.0', env)).toBe(jars);
  expect(cachedKafka('4.1.0', env)).toBeUndefined();
});

test('two simultaneous downloads produce one complete folder and leave no temporary one', async () => {
  const env = withMaven('exit 0');
  const [first, second] = await Promise.all([download(env), download(env)]);
  expect(first).toBe(second);
  expect(readdirSync(cacheFolder(env))).toEqual(['kafka-4.4.0']);
  expect(readdirSync(first)).toEqual(['kafka.jar']);
});

test('a failed download reports the errors of Maven and leaves no files', async () => {
  const env = withMaven(
    'echo "[ERROR] Could not find artifact kafka_2.13:4.4.0"; echo "[ERROR] "; echo "[ERROR] Re-run Maven with -X"; exit 1',
  );
  await expect(download(env)).rejects.toThrow(
    /Apache Kafka 4\.4\.0 could not be downloaded\. Check the network, .*KAFKA_BROKERS=host:port .*\. Maven reports:\n.*Could not find artifact kafka_2\.13:4\.4\.0$/,
  );
  expect(readdirSync(cacheFolder(env))).toEqual([]);
});

test('an error about a cache folder that is not writable names KAFKA_CACHE', async () => {
  const file = join(folder(), 'file');
  writeFileSync(file, '');
  await expect(download({ ...withMaven('exit 0'), KAFKA_CACHE: join(file, 'cache') })).rejects.toThrow(
    /cannot write to the cache folder .*ENOTDIR.*\. Set KAFKA_CACHE to another folder/,
  );
});

test.each(['SIGINT', 'SIGKILL'] as const)('a download interrupted by %s leaves no files', async signal => {
  const env = withMaven('for i in $(seq 30); do echo "Downloaded from central"; done; exec sleep 1000');
  const program = parentProcess(
    `require('./test/support/kafka/maven').downloadKafka({
       version: '4.4.0', maven: 'mvn', env: process.env, progress: console.log,
     });`,
    { ...process.env, ...env },
  );
  await program.output(/\d+ files/);
  expect(readdirSync(cacheFolder(env))).toEqual([expect.stringMatching(/^\.download-/)]);
  process.kill(program.pid, signal);
  expect(await program.ended).toBe(signal);
  expect(readdirSync(cacheFolder(env))).toEqual([]);
  expect(existsSync(join(cacheFolder(env), 'kafka-4.4.0'))).toBe(false);
});
