import type { Attributes } from '@opentelemetry/api';
import type { Recurring } from '../semconv/recurring';
import type { Facts, Vocabulary } from '../semconv/vocabulary';
import type { ClientFacts } from './client';

/** Topics of one client whose attributes are remembered, each about 1 kB; those of later ones are made anew for every span. */
const MAX_TOPICS = 500;

interface Remembered {
  readonly vocabulary: Vocabulary;
  readonly topics: Map<string | undefined, Recurring>;
}

const clients = new WeakMap<ClientFacts, Remembered>();

/**
 * The attributes of a span of a client on a topic, which mostly are those of its last span there but for offset and key. What is
 * remembered is compared with the facts, never trusted: an id that kafkajs learns later, or another configuration, begins anew.
 */
export function recurringAttributes(vocabulary: Vocabulary, client: ClientFacts, facts: Facts): Attributes {
  let remembered = clients.get(client);
  if (remembered?.vocabulary !== vocabulary)
    clients.set(client, (remembered = { vocabulary, topics: new Map() }));
  const { topics } = remembered;
  const known = topics.get(facts.destination);
  if (known?.isAbout(facts)) return known.attributes(facts);
  if (!known && topics.size >= MAX_TOPICS) return vocabulary.messagingAttributes(facts);
  const recurring = vocabulary.recurring(facts);
  topics.set(facts.destination, recurring);
  return recurring.attributes(facts);
}
