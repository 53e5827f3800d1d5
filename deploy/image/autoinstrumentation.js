'use strict';
// NODE_OPTIONS=--require loads this file into every Node.js process of a container, even into very old Node.js versions. So the
// file uses ES5 syntax, and loads nothing before it has checked the version. It never prevents the program from running.

var parts = process.versions.node.split('.');
var major = Number(parts[0]);
var minor = Number(parts[1]);

// The same versions as `engines` of @org/kafka-otel.
var isSupported = major === 18 ? minor >= 19 : major === 20 ? minor >= 6 : major > 20;

if (!isSupported) {
  warn('Node.js ' + process.versions.node + ' is too old; it needs 18.19, 20.6 or newer');
} else {
  try {
    require('@org/kafka-otel/register');
  } catch (error) {
    warn(String(error).split('\n')[0]);
  }
}

function warn(reason) {
  process.stderr.write('kafka-otel: not started, the program runs without telemetry: ' + reason + '\n');
}
