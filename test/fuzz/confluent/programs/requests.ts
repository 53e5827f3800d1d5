import fc, { type Arbitrary } from 'fast-check';
import {
  fields,
  listOf,
  literal,
  message,
  messages,
  mostly,
  shaped,
  topic,
  type Range,
} from '../../programs/records';
import { anything } from '../../values/anything';
import { objectOf } from '../../values/objects';
import { owning, recipe, type Recipe } from '../../values/owned';

/** Properties that the library does not accept in a request. */
const REFUSED = {
  acks: fc.constantFrom(-1, 1, undefined),
  timeout: fc.constantFrom(1000, undefined),
  compression: fc.constantFrom(1, 'gzip', undefined),
} as const;

/** Each of these fields appears in about one of twenty requests. */
function rarely(): Arbitrary<readonly (readonly [string, Recipe])[]> {
  const options = Object.entries(REFUSED).map(([name, values]) =>
    fc.oneof(
      { weight: 20, arbitrary: fc.constant([]) },
      {
        weight: 1,
        arbitrary: values.map(value => [
          [name, recipe(String(value), ['refused option'], () => value)] as const,
        ]),
      },
    ),
  );
  return fc.tuple(...options).map(found => found.flat());
}

/** Almost at librdkafka's limit for a message. Added headers make the message too large. */
const almostTooLarge: Recipe = recipe("'x'.repeat(999_900)", ['almost too large'], () => 'x'.repeat(999_900));

/** Headers in the form that the library leaves in a message after sending it. */
const listed = fc
  .constantFrom<readonly (readonly [string, string])[]>(
    [],
    [['id', '1']],
    [
      ['id', '1'],
      ['id', '2'],
    ],
  )
  .map(list =>
    owning(`[${list.map(([name, value]) => `{ ${name}: '${value}' }`).join()}]`, ['header list'], () =>
      list.map(([name, value]) => ({ [name]: value })),
    ),
  );

const large = objectOf('plain', [['value', almostTooLarge], ['partition', literal(0)]]); // prettier-ignore

function ownMessage(range: Range): Arbitrary<Recipe> {
  const withList = fc
    .tuple(shaped(8), listed)
    .map(([shape, headers]) => objectOf(shape, [['value', literal('listed')], ['headers', headers]])); // prettier-ignore
  return fc.oneof(
    { weight: 30, arbitrary: message(range) },
    { weight: 2, arbitrary: withList },
    { weight: 1, arbitrary: fc.constant(large) },
    {
      weight: 3,
      arbitrary: message(range).map(({ text, classes, build }) =>
        recipe(`the same ${text}`, [...classes, 'sent twice'], owned =>
          owned.shared('message', () => build(owned)),
        ),
      ),
    },
  );
}

function ownMessages(range: Range): Arbitrary<Recipe> {
  return fc.oneof(
    { weight: 2, arbitrary: messages(range) },
    { weight: 2, arbitrary: fc.array(ownMessage(range), { maxLength: 4 }).map(listOf) },
    {
      weight: 1,
      arbitrary: ownMessage(range).map(only =>
        owning(`{ length: 1, 0: ${only.text} }`, ['array-like', ...only.classes], owned => ({
          length: 1,
          0: only.build(owned),
        })),
      ),
    },
  );
}

export interface Requests {
  readonly topics: Arbitrary<Recipe>;
  readonly range: Range;
}

const WIDE: Requests = { topics: topic(), range: { partitions: [0, 1, 0, 1, 7], odd: anything() } };

/** Generates the argument of `send`. Sometimes this is the argument of an earlier call. */
export function request({ topics, range } = WIDE): Arbitrary<Recipe> {
  const made = fc
    .tuple(
      shaped(10),
      fields({ topic: topics, messages: ownMessages(range), later: mostly(fc.constant(literal(1))) }, [
        'topic',
        'messages',
      ]),
      rarely(),
    )
    .map(([shape, found, refused]) => objectOf(shape, [...found, ...refused]));
  const again = made.map(({ text, classes, build }) =>
    recipe(`the same ${text}`, [...classes, 'sent twice'], owned =>
      owned.shared('record', () => build(owned)),
    ),
  );
  return mostly(fc.oneof({ weight: 5, arbitrary: made }, { weight: 1, arbitrary: again }), 25, range.odd);
}

export function batch(requests = WIDE): Arbitrary<Recipe> {
  const entries = fc.array(request(requests), { maxLength: 3 }).map(listOf);
  return mostly(
    fc
      .tuple(
        shaped(10),
        fields({ topicMessages: mostly(entries, 25, requests.range.odd) }, ['topicMessages']),
        rarely(),
      )
      .map(([shape, found, refused]) => objectOf(shape, [...found, ...refused])),
    25,
    requests.range.odd,
  );
}
