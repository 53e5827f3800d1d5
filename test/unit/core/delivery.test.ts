import { certainDelivery } from '../../../src/core/send';

const entry = (partition: number, baseOffset = '7', topicName = 'orders') => ({
  topicName,
  partition,
  errorCode: 0,
  baseOffset,
  logAppendTime: '-1',
});
const message = { value: 'v' };

describe("what kafkajs's answer says for certain", () => {
  test.each<[string, unknown[], unknown, unknown]>([
    ['one message: partition and offset', [message], [entry(2)], { partition: 2, offset: 7 }],
    ['partition and offset zero', [message], [entry(0, '0')], { partition: 0, offset: 0 }],
    ['several messages in one partition: the partition', [message, message], [entry(2)], { partition: 2 }],
    ['several partitions: nothing', [message, message], [entry(1), entry(2)], undefined],
    [
      'entries of other topics do not matter',
      [message],
      [entry(1, '3', 'bills'), entry(2)],
      { partition: 2, offset: 7 },
    ],
    ['no entry of the topic: nothing was written', [{ value: 'v', partition: 99 }], [], undefined],
    [
      'a message was dropped, for its partition does not exist',
      [message, { value: 'v', partition: 99 }],
      [entry(2)],
      undefined,
    ],
    ['messages that name the partition', [{ partition: 2 }, { partition: 2 }], [entry(2)], { partition: 2 }],
    ['a partition named as text', [{ partition: '2' }], [entry(2)], { partition: 2, offset: 7 }],
    ['a partition of null is none', [{ partition: null }], [entry(2)], { partition: 2, offset: 7 }],
    ['acks 0: nothing is answered', [message], [], undefined],
    [
      'brokers before 0.11 call it offset',
      [message],
      [{ topicName: 'orders', partition: 2, offset: '9' }],
      { partition: 2, offset: 9 },
    ],
    ['an answer without offset', [message], [{ topicName: 'orders', partition: 2 }], { partition: 2 }],
    ['an offset that no number can hold', [message], [entry(2, '9223372036854775807')], { partition: 2 }],
    ['an answer without partition', [message], [{ topicName: 'orders' }], undefined],
    ['an answer with holes', [message], [null, entry(2)], { partition: 2, offset: 7 }],
    ['no answer', [message], undefined, undefined],
    ['an answer of another shape', [message], { partition: 2 }, undefined],
  ])('%s', (_what, messages, result, expected) => {
    expect(certainDelivery('orders', messages, result)).toEqual(expected);
  });
});
