import { mkdirSync, mkdtempSync, renameSync, rmSync, existsSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { guard } from './guard';
import { followLog, lastLines, readLog } from './log';

/** The folder for downloads: `KAFKA_CACHE`, or `kafka-otel` in the cache folder of the user. */
export const cacheFolder = (env: NodeJS.ProcessEnv): string =>
  env['KAFKA_CACHE'] || join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'kafka-otel');

const folderOf = (version: string, env: NodeJS.ProcessEnv): string =>
  join(cacheFolder(env), `kafka-${version}`);

/** Returns the folder with the jars of a cached version. */
export function cachedKafka(version: string, env: NodeJS.ProcessEnv): string | undefined {
  const folder = folderOf(version, env);
  return existsSync(folder) ? folder : undefined;
}

export interface Download {
  readonly version: string;
  readonly maven: string;
  readonly env: NodeJS.ProcessEnv;
  readonly progress: (line: string) => void;
}

/**
 * Downloads Apache Kafka with its dependencies into the cache (about 45 MB, 5 to 10 s). Resolves with the folder of the
 * jars.
 */
export async function downloadKafka({ version, maven, env, progress }: Download): Promise<string> {
  const work = makeWorkFolder(cacheFolder(env));
  const [pom, log, jars] = ['pom.xml', 'maven.log', 'jars'].map(name => join(work, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(pom, projectText(version));
  writeFileSync(log, '');
  progress(`Downloading Apache Kafka ${version} from Maven Central (once, about 45 MB) …`);
  let shown = 0;
  const unfollow = followLog(log, text => {
    const count = text.split('Downloaded from ').length - 1;
    if (count < shown + 25) return;
    shown = count;
    progress(`  ${count} files`);
  });
  try {
    const status = await guard({
      command: [maven, '-B', '-f', pom, COPY, `-DoutputDirectory=${jars}`, '-DincludeScope=runtime'],
      cleanup: ['rm', '-rf', work],
      log,
      env,
    }).exited;
    if (status !== 0) {
      const errors = readLog(log)
        .split('\n')
        .filter(line =>
          /^\[ERROR\] +(?!To see the full|Re-run Maven|For more information|\[Help )\S/.test(line),
        )
        .slice(0, 3)
        .join('\n');
      throw new Error(
        `Apache Kafka ${version} could not be downloaded. Check the network, or set KAFKA_BROKERS=host:port to use a running Kafka. Maven reports:\n${lastLines(errors || readLog(log))}`,
      );
    }
    return keep(jars, folderOf(version, env));
  } finally {
    unfollow();
    rmSync(work, { recursive: true, force: true });
  }
}

function makeWorkFolder(cache: string): string {
  try {
    mkdirSync(cache, { recursive: true });
    return mkdtempSync(join(cache, '.download-'));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `cannot write to the cache folder ${cache} (${reason}). Set KAFKA_CACHE to another folder`,
      {
        cause: error,
      },
    );
  }
}

/**
 * Moves a complete folder to its final path in one step, so that other processes never see an incomplete folder. If two
 * processes do this at the same time, the folder of the first process is kept.
 */
export function keep(complete: string, final: string): string {
  try {
    renameSync(complete, final);
  } catch (error) {
    if (!existsSync(final)) throw error;
  }
  return final;
}

const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';

/**
 * The project includes a logger that needs no configuration file. The logger belongs to slf4j 1.7, because Kafka has
 * used slf4j 1.7 since version 2.6.
 */
const projectText = (version: string): string => `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>local</groupId><artifactId>kafka</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>${version}</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
`;
