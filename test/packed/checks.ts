import assert from 'node:assert/strict';
import type { Consumer } from './consumers';
import { runManager, type Project } from './managers';
import { oneTrace, runUnderRegister } from './trace';
import type { Tools } from './tools';

/** A check of the installed package. `run` throws if the check fails. */
export interface Check {
  readonly name: string;
  run(consumer: Consumer, project: Project, tools: Tools): Promise<void>;
}

const traced = (what: string, file: string): Check => ({
  name: what,
  async run({ manager }, project) {
    const { stderr } = await runUnderRegister(manager, project, file, oneTrace);
    assert.equal(stderr, '', 'stderr must be empty');
  },
});

const withoutSdk: Check = {
  name: 'continues without telemetry, and reports why',
  async run({ manager }, project) {
    const { stderr } = await runUnderRegister(manager, project, 'alone.cjs', () => []);
    assert.deepEqual(stderr.trim().split('\n'), [
      'kafka-otel: warning: @opentelemetry/sdk-node is not installed: no telemetry leaves this process. Run `npm install @opentelemetry/sdk-node`',
    ]);
  },
};

const doctor: Check = {
  name: 'the doctor runs and reports the same',
  async run({ manager, sdk }, project, tools) {
    const args = [
      'kafka-otel',
      'doctor',
      '--offline',
      '--require',
      '@org/kafka-otel/register',
      'program.cjs',
    ];
    const { code, stdout, output } = await runManager(manager, tools, project, [...manager.exec, ...args]);
    assert.equal(code, sdk === 'none' ? 1 : 0, output);
    assert.match(stdout, sdk === 'none' ? /problem: .*sdk-node/ : /program\.cjs/);
  },
};

/** Returns the checks for an application. */
export function checksOf({ sdk }: Consumer): readonly Check[] {
  return sdk === 'none'
    ? [withoutSdk, doctor]
    : [traced('CommonJS is traced', 'program.cjs'), traced('an ES module is traced', 'program.mjs'), doctor];
}
