import { Kafka } from 'kafkajs';
import { loadedBefore } from '../../../../src/support/packages';

test('a copy of kafkajs that is loaded already is found', () => {
  expect(loadedBefore()).toEqual([Kafka]);
});
