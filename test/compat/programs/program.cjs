// The program as a CommonJS service writes it.
const { Kafka, logLevel } = require('kafkajs');
const { run } = require('./core.cjs');

void run({ Kafka, logLevel });
