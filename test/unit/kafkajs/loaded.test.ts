import { Kafka } from 'kafkajs';
import { loadedBefore } from '../../../src/kafkajs/loaded';

test('a copy of kafkajs that is loaded already is found', () => {
  expect(loadedBefore()).toEqual([Kafka]);
});
