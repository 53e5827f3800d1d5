import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { guard } from '../kafka/guard';
import { lastLines, readLog } from '../kafka/log';
import { cacheFolder, keep } from '../kafka/maven';

/** The last version of Apicurio Registry that runs on Java 17. */
const VERSION = '2.6.13.Final';
const ARTIFACT = `io.apicurio:apicurio-registry-app:${VERSION}:tar.gz:all`;
const UNPACK = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:unpack';

const folderOf = (env: NodeJS.ProcessEnv): string => join(cacheFolder(env), `apicurio-registry-${VERSION}`);

/** Returns the path of Apicurio Registry's jar, if it is in the cache. */
export function cachedRegistry(env: NodeJS.ProcessEnv): string | undefined {
  const folder = folderOf(env);
  return existsSync(folder) ? runnerIn(folder) : undefined;
}

/** Downloads Apicurio Registry from Maven Central into the cache (about 140 MB). Resolves with the path of its jar. */
export async function downloadRegistry(maven: string, env: NodeJS.ProcessEnv): Promise<string> {
  mkdirSync(cacheFolder(env), { recursive: true });
  const work = mkdtempSync(join(cacheFolder(env), '.download-'));
  const log = join(work, 'maven.log');
  const unpacked = join(work, 'registry');
  writeFileSync(log, '');
  try {
    const status = await guard({
      command: [maven, '-B', UNPACK, `-Dartifact=${ARTIFACT}`, `-DoutputDirectory=${unpacked}`],
      cleanup: ['rm', '-rf', work],
      log,
      env,
      // Use a temporary working directory, because Maven writes status files into it.
      cwd: work,
    }).exited;
    if (status !== 0)
      throw new Error(
        `Apicurio Registry ${VERSION} could not be downloaded. Check the network, or set SCHEMA_REGISTRY_URL to a running registry. Maven reports:\n${lastLines(readLog(log))}`,
      );
    return runnerIn(keep(unpacked, folderOf(env)));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function runnerIn(folder: string): string {
  const runner = readdirSync(folder).find(name => name.endsWith('-runner.jar'));
  if (runner === undefined)
    throw new Error(`${folder} has no *-runner.jar. Delete the folder to download the registry again`);
  return join(folder, runner);
}
