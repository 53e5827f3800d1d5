/** The prefix of every environment variable of ours. */
export const PREFIX = 'OTEL_INSTRUMENTATION_KAFKAJS_';

export type Environment = Readonly<Record<string, string | undefined>>;

/** A variable that is set to the empty string counts as unset, as everywhere in OpenTelemetry. */
export function variable(environment: Environment, name: string): string | undefined {
  const value = environment[name]?.trim();
  return value === '' ? undefined : value;
}

/** A variable that holds a list, without its empty parts. */
export function listed(environment: Environment, name: string): string[] {
  const parts = variable(environment, name)?.split(',') ?? [];
  return parts.map(part => part.trim()).filter(part => part !== '');
}

/** The kill switches of zero-code deployments, which win over every option in code. */
export function isSwitchedOff(environment: Environment = process.env): boolean {
  return (
    variable(environment, `${PREFIX}ENABLED`)?.toLowerCase() === 'false' ||
    listed(environment, 'OTEL_NODE_DISABLED_INSTRUMENTATIONS').includes('kafkajs')
  );
}

/** Variables with our prefix that nothing reads: misspelt, most likely. */
export function unknownVariables(environment: Environment, known: readonly string[]): string[] {
  return Object.keys(environment).filter(
    name => name.startsWith(PREFIX) && !known.includes(name.slice(PREFIX.length)),
  );
}
