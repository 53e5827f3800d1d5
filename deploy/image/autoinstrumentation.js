'use strict';
// Loaded by `NODE_OPTIONS=--require …/autoinstrumentation.js` into every Node.js process of a container, however old. So it uses ES5
// syntax and loads nothing before it knows the version. It never prevents the program from running.

var parts = process.versions.node.split('.');
var major = Number(parts[0]);
var minor = Number(parts[1]);

// Same as `engines` of @org/kafka-otel.
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
