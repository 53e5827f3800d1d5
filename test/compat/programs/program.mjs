// The program as an ES module.
import { Kafka, logLevel } from 'kafkajs';
import { run } from './core.cjs';

await run({ Kafka, logLevel });
