// The program as CommonJS.
const { Kafka, logLevel } = require('kafkajs');
const { run } = require('./core.cjs');

void run({ Kafka, logLevel });
