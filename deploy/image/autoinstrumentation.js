'use strict';
// What `NODE_OPTIONS=--require …/autoinstrumentation.js` loads, in every Node.js that a container starts, whatever its age:
// hence syntax that all of them read, and nothing loaded before the version is known. The program runs, come what may.

var parts = process.versions.node.split('.');
var major = Number(parts[0]);
var minor = Number(parts[1]);

// `engines` of @org/kafka-otel, without a parser of such ranges.
var isSupported = major === 18 ? minor >= 19 : major === 20 ? minor >= 6 : major > 20;

if (!isSupported) {
  say('Node.js ' + process.versions.node + ' is too old; 18.19, 20.6 and newer are not');
} else {
  try {
    require('@org/kafka-otel/register');
  } catch (error) {
    say(String(error).split('\n')[0]);
  }
}

function say(reason) {
  process.stderr.write('kafka-otel: not started, the program runs without telemetry: ' + reason + '\n');
}
