import fc, { type Arbitrary } from 'fast-check';
import { anything, primitives, tenMegabytes } from '../values/anything';
import { SHAPES, objectOf, type Fields } from '../values/objects';
import { owning, recipe, type Recipe } from '../values/owned';

export const literal = (value: unknown): Recipe => recipe(JSON.stringify(value), [], () => value);
/** The name of a topic that exists in this run. */
export const named = (role: string): Recipe => recipe(`'${role}'`, [], owned => owned.topic(role));
const buffer = (text: string): Recipe => owning(`Buffer.from('${text}')`, [], () => Buffer.from(text));

/** Generates a valid value in most cases, and any other value in a few cases. */
export function mostly(valid: Arbitrary<Recipe>, weight = 14, odd = anything()): Arbitrary<Recipe> {
  return fc.oneof({ weight, arbitrary: valid }, { weight: 1, arbitrary: odd });
}

export function shaped(weight: number): Arbitrary<(typeof SHAPES)[number]> {
  return fc.oneof(
    { weight, arbitrary: fc.constant('plain' as const) },
    { weight: 2, arbitrary: fc.constantFrom(...SHAPES) },
  );
}

/** Generates an object with all required fields and some of the other fields. */
export function fields(
  known: Readonly<Record<string, Arbitrary<Recipe>>>,
  needed: readonly string[],
): Arbitrary<Fields> {
  return fc.record({ ...known }, { requiredKeys: [...needed] }).map(drawn => Object.entries(drawn));
}

const text = fc.constantFrom('', 'a', 'key-1', 'Grüße', '{"id":1}').map(literal);
const bytes = fc.constantFrom('b', 'bytes', '\u0000').map(buffer);

const TRACE_HEADERS = {
  traceparent: [
    '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    '00-11111111111111111111111111111111-2222222222222222-00',
    'not a traceparent',
  ],
  TraceParent: ['00-33333333333333333333333333333333-4444444444444444-01'],
  tracestate: ['vendor=1'],
  baggage: ['tenant=own'],
} as const;

function headerEntry(odd: Arbitrary<Recipe>): Arbitrary<readonly [string, Recipe]> {
  const name = fc.constantFrom('id', 'x-trace', '', '1', '__proto__', 'constructor', 'Content-Type');
  const value = fc.oneof(
    { weight: 6, arbitrary: fc.oneof(text, bytes) },
    { weight: 2, arbitrary: fc.array(fc.oneof(text, bytes), { maxLength: 3 }).map(listOf) },
    { weight: 1, arbitrary: odd },
  );
  const ofTrace = fc
    .constantFrom(...(Object.keys(TRACE_HEADERS) as (keyof typeof TRACE_HEADERS)[]))
    .chain(header =>
      fc
        .tuple(fc.constantFrom<string>(...TRACE_HEADERS[header]), fc.boolean())
        .map(([found, isText]) => [header, traced(isText ? literal(found) : buffer(found))] as const),
    );
  return fc.oneof({ weight: 5, arbitrary: fc.tuple(name, value) }, { weight: 1, arbitrary: ofTrace });
}

function traced(made: Recipe): Recipe {
  return { ...made, classes: ['trace headers'] };
}

export function headers(odd = anything()): Arbitrary<Recipe> {
  const entries = fc.uniqueArray(headerEntry(odd), { maxLength: 3, selector: ([name]) => name });
  return mostly(
    fc.tuple(shaped(8), entries).map(([shape, found]) => objectOf(shape, found)),
    10,
    odd,
  );
}

/** Limits the generated keys, values and headers of messages. */
export interface Range {
  readonly partitions: readonly number[];
  /** Values of wrong types, which are used now and then. */
  readonly odd: Arbitrary<Recipe>;
}

/** The topics have two partitions, so partition 7 does not exist. */
const WIDE: Range = { partitions: [0, 1, 0, 1, 7], odd: anything() };

export function message(range: Range): Arbitrary<Recipe> {
  const { partitions, odd } = range;
  const value = fc.oneof(
    { weight: 4000, arbitrary: mostly(fc.oneof(text, bytes, fc.constant(literal(null))), 14, odd) },
    { weight: 1, arbitrary: tenMegabytes() },
  );
  const known = fields(
    {
      value,
      key: mostly(fc.oneof(text, bytes), 14, odd),
      partition: mostly(fc.constantFrom(...partitions).map(literal), 14, odd),
      timestamp: mostly(fc.constantFrom('1700000000000', '0', 1700000000001).map(literal), 14, odd),
      headers: headers(odd),
      later: primitives(),
    },
    ['value'],
  );
  return mostly(
    fc.tuple(shaped(8), known).map(([shape, found]) => objectOf(shape, found)),
    30,
    odd,
  );
}

export function messages(range = WIDE): Arbitrary<Recipe> {
  const shared = fc
    .tuple(message(range), fc.integer({ min: 1, max: 2 }))
    .map(([{ text: of, classes, build }, index]) =>
      recipe(`shared${index}(${of})`, [...classes, 'shared'], owned =>
        owned.shared(`message ${index}`, () => build(owned)),
      ),
    );
  const list = fc.array(fc.oneof({ weight: 6, arbitrary: message(range) }, shared), { maxLength: 4 });
  return mostly(
    fc.oneof(
      { weight: 12, arbitrary: list.map(listOf) },
      { weight: 1, arbitrary: list.map(parts => frozen(listOf(parts))) },
      { weight: 1, arbitrary: list.map(sparse) },
    ),
    30,
    range.odd,
  );
}

export function listOf(parts: readonly Recipe[]): Recipe {
  return owning(
    `[${parts.map(part => part.text).join(', ')}]`,
    parts.flatMap(({ classes }) => classes),
    owned => parts.map(part => part.build(owned)),
  );
}

function frozen({ text: of, classes, build }: Recipe): Recipe {
  return recipe(`frozen ${of}`, [...classes, 'frozen'], owned => Object.freeze(build(owned)));
}

function sparse(parts: readonly Recipe[]): Recipe {
  return owning(
    `[, ${parts.map(part => part.text).join(', ')}]`,
    ['sparse array', ...parts.flatMap(({ classes }) => classes)],
    owned => {
      const list: unknown[] = [];
      parts.forEach((part, index) => (list[index + 1] = part.build(owned)));
      return list;
    },
  );
}

export function topic(): Arbitrary<Recipe> {
  const name = fc.constantFrom('orders', 'orders', 'payments').map(named);
  return mostly(fc.oneof({ weight: 20, arbitrary: name }, fc.constant(literal('unknown'))), 30);
}

const common = {
  acks: mostly(fc.constantFrom(-1, 1, 0).map(literal)),
  timeout: mostly(fc.constantFrom(30_000, 1000).map(literal)),
  compression: mostly(fc.constantFrom(0, 1, 2).map(literal)),
};

export function request(): Arbitrary<Recipe> {
  const known = fields({ topic: topic(), messages: messages(), ...common, later: primitives() }, [
    'topic',
    'messages',
  ]);
  return mostly(
    fc.tuple(shaped(10), known).map(([shape, found]) => objectOf(shape, found)),
    25,
  );
}

export function batch(): Arbitrary<Recipe> {
  const entry = fc
    .tuple(shaped(10), fields({ topic: topic(), messages: messages() }, ['topic', 'messages']))
    .map(([shape, found]) => objectOf(shape, found));
  const entries = mostly(fc.array(mostly(entry, 25), { maxLength: 3 }).map(listOf), 25);
  const known = fields({ topicMessages: entries, ...common }, ['topicMessages']);
  return mostly(
    fc.tuple(shaped(10), known).map(([shape, found]) => objectOf(shape, found)),
    25,
  );
}
