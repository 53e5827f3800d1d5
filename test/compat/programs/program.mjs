// The program as an ES module service writes it.
import { Kafka, logLevel } from 'kafkajs';
import { run } from './core.cjs';

await run({ Kafka, logLevel });
