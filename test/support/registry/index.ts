import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { guard } from '../kafka/guard';
import { untilReady } from '../kafka/log';
import { freePorts } from '../kafka/ports';
import { findJava, findMaven } from '../kafka/tools';
import { cachedRegistry, downloadRegistry } from './download';

/** A real schema registry with the HTTP API of Confluent. */
export interface Registry {
  readonly url: string;
  stop(): Promise<void>;
}

const READY_WITHIN_MS = 120_000;

/**
 * Provides a schema registry: the URL in `SCHEMA_REGISTRY_URL`, or Apicurio Registry from Maven Central under Java 17
 * or newer. Apicurio starts in about 5 s, needs 260 MB, and keeps its schemas in memory.
 *
 * @throws Error that says what is missing for these two ways
 */
export async function startRegistry(env: NodeJS.ProcessEnv = process.env): Promise<Registry> {
  const given = env['SCHEMA_REGISTRY_URL'];
  if (given) return { url: given, stop: () => Promise.resolve() };
  const { java, jar } = await tools(env);
  const [port = 0] = await freePorts(1);
  const folder = mkdtempSync(join(tmpdir(), 'registry-'));
  const log = join(folder, 'registry.log');
  writeFileSync(log, '');
  const process = guard({
    command: [
      java,
      ...['-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-XX:-UsePerfData'],
      `-Djava.io.tmpdir=${folder}`,
      '-Dquarkus.http.host=127.0.0.1',
      `-Dquarkus.http.port=${port}`,
      '-jar',
      jar,
    ],
    cleanup: ['rm', '-rf', folder],
    log,
    env,
  });
  try {
    await untilReady({
      name: 'Apicurio Registry',
      process,
      log,
      ready: /Listening on: http/,
      deadline: READY_WITHIN_MS,
    });
  } catch (error) {
    await process.stop();
    throw error;
  }
  return { url: `http://127.0.0.1:${port}/apis/ccompat/v7`, stop: () => process.stop() };
}

async function tools(env: NodeJS.ProcessEnv): Promise<{ readonly java: string; readonly jar: string }> {
  const [java, cached] = [await findJava(env), cachedRegistry(env)];
  // Maven is needed only to download Apicurio.
  const maven = cached === undefined ? await findMaven(env) : undefined;
  const missing = [java, maven].flatMap(tool => (tool?.found === false ? [tool.reason] : []));
  if (!java.found || maven?.found === false)
    throw new Error(
      `No schema registry is available. There are two ways to get one, but neither works here:
  1. a running registry in SCHEMA_REGISTRY_URL — the variable is not set
  2. Java 17 or newer and Maven — ${missing.join('; ')}`,
    );
  return { java: java.command, jar: cached ?? (await downloadRegistry(maven?.command ?? 'mvn', env)) };
}
