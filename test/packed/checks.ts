import assert from 'node:assert/strict';
import type { Consumer } from './consumers';
import { call, type Place } from './managers';
import { oneTrace, runUnderRegister } from './trace';
import type { Tools } from './tools';

/** Something that must hold of an installed package; it throws where it does not. */
export interface Check {
  readonly name: string;
  run(consumer: Consumer, place: Place, tools: Tools): Promise<void>;
}

const traced = (what: string, file: string): Check => ({
  name: what,
  async run({ manager }, place) {
    const { stderr } = await runUnderRegister(manager, place, file, oneTrace);
    assert.equal(stderr, '', 'there is nothing to complain of');
  },
});

const withoutSdk: Check = {
  name: 'runs on, and says why there is no telemetry',
  async run({ manager }, place) {
    const { stderr } = await runUnderRegister(manager, place, 'alone.cjs', () => []);
    assert.deepEqual(stderr.trim().split('\n'), [
      'kafka-otel: warning: @opentelemetry/sdk-node is not installed: no telemetry leaves this process. Run `npm install @opentelemetry/sdk-node`',
    ]);
  },
};

const doctor: Check = {
  name: 'the doctor runs, and agrees',
  async run({ manager, sdk }, place, tools) {
    const args = [
      'kafka-otel',
      'doctor',
      '--offline',
      '--require',
      '@org/kafka-otel/register',
      'program.cjs',
    ];
    const { code, stdout, output } = await call(manager, tools, place, [...manager.exec, ...args]);
    assert.equal(code, sdk === 'none' ? 1 : 0, output);
    assert.match(stdout, sdk === 'none' ? /^problem {2}.*sdk-node/m : /program\.cjs/);
  },
};

/** What must hold of every program, in the order of their cost. */
export function checksOf({ sdk }: Consumer): readonly Check[] {
  return sdk === 'none'
    ? [withoutSdk, doctor]
    : [traced('CommonJS is traced', 'program.cjs'), traced('an ES module is traced', 'program.mjs'), doctor];
}
