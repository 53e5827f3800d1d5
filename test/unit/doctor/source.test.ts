import { readFileSync } from 'node:fs';
import { readSource } from '../../../src/doctor/source';

test.each([
  ["const { Kafka } = require('kafkajs');", ['kafkajs']],
  ["import { Kafka } from 'kafkajs';", ['kafkajs']],
  ["import kafka, { type Kafka, logLevel as level } from 'kafkajs';", ['kafkajs']],
  ["import * as kafkajs from 'kafkajs'; import './tracing.mjs';", ['kafkajs', './tracing.mjs']],
  [
    'import{Kafka as k}from"kafkajs";export{a as default}from"./a.js";export*from"./b.js"',
    ['kafkajs', './a.js', './b.js'],
  ],
  ["const kafkajs = await import('kafkajs');", ['kafkajs']],
  ["import kafka = require('kafkajs');", ['kafkajs']],
  ['require(`kafkajs`)', ['kafkajs']],
  ["import type { Kafka } from 'kafkajs';", []],
  ["export type { Kafka } from 'kafkajs';", []],
  ["import type from 'kafkajs';", ['kafkajs']],
  ["// require('kafkajs')\n/* import 'kafkajs' */", []],
  ['const text = "require(\'kafkajs\')";', []],
  ['const text = `${name} require("kafkajs") ${other}`;', []],
  ['const text = `a ${run({ b: `c` }, require("kafkajs"))} d`;', ['kafkajs']],
  ["const quote = /['\"`]/; require('kafkajs')", ['kafkajs']],
  ["const half = total / 2; require('kafkajs'); const other = a / b;", ['kafkajs']],
  ["const url = 'http://here'; require('kafkajs')", ['kafkajs']],
  ["loader.require('kafkajs'); const name = import.meta.url;", []],
  ["export const from = 'kafkajs'; export default from;", []],
  ["export { a };\nconst b = 'kafkajs';", []],
  ['const broken = `never closed require("kafkajs")', []],
])('%s', (text, loads) => {
  expect(readSource(text).loads).toEqual(loads);
});

test('modules that are loaded on demand come last', () => {
  expect(readSource("import('later'); require('now');").loads).toEqual(['now', 'later']);
});

test('the text is kept without comments', () => {
  expect(readSource("a(); // new Kafka()\nb('// no comment');").code).toBe("a();  \nb('// no comment');");
});

test('all requires of a large library are found', () => {
  const path = require.resolve('typescript');
  const text = readFileSync(path, 'utf8');
  const { loads } = readSource(text);
  expect(loads).toEqual(expect.arrayContaining(['fs', 'path', 'os', 'perf_hooks', 'inspector']));
});

test.each([
  [
    "__require('kafkajs'); cjsRequire('pg'); _require('a'); prequire('b'); acquire('c')",
    ['kafkajs', 'pg', 'a'],
  ],
  ["require('./' + name); require('kafkajs');", ['kafkajs']],
])('other names of require, and computed files: %s', (text, loads) => {
  expect(readSource(text).loads).toEqual(loads);
});

test.each([
  ["if (on) require('a'); require('b');", ['a']],
  ["if (on) { require('a'); } else { require('c'); } require('b');", ['a', 'c']],
  ["if (f(x)) {\n g(() => { require('a') }) }\nrequire('b')", ['a']],
  ["on && require('a'); require('b');", ['a']],
  ["const a = on ? require('a') : require('c'); const b = require('b');", ['a', 'c']],
  ["const a = x && y\nrequire('b')\nif (on)\n require('a')\nrequire('c')", ['a']],
  ["on && await import('a')", ['a']],
  ["async function main() { await import('a'); } main();", []],
  ["(async () => { if (on) await import('a'); await import('b'); })();", ['a']],
])('loads under a condition: %s', (text, loads) => {
  expect([...readSource(text).conditional]).toEqual(loads);
});
