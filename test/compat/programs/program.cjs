// The program as a CommonJS module.
const { Kafka, logLevel } = require('kafkajs');
const { run } = require('./core.cjs');

void run({ Kafka, logLevel });
