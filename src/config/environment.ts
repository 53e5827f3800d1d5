/** The prefix of every environment variable of ours. */
export const PREFIX = 'OTEL_INSTRUMENTATION_KAFKAJS_';

type Environment = Readonly<Record<string, string | undefined>>;

/** A variable that is set to the empty string counts as unset, as everywhere in OpenTelemetry. */
export function variable(environment: Environment, name: string): string | undefined {
  const value = environment[name]?.trim();
  return value === '' ? undefined : value;
}

/** The kill switches of zero-code deployments, which win over every option in code. */
export function isSwitchedOff(environment: Environment = process.env): boolean {
  const disabled = variable(environment, 'OTEL_NODE_DISABLED_INSTRUMENTATIONS');
  return (
    variable(environment, `${PREFIX}ENABLED`)?.toLowerCase() === 'false' ||
    (disabled?.split(',').some(name => name.trim() === 'kafkajs') ?? false)
  );
}

/** Variables with our prefix that nothing reads: misspelt, most likely. */
export function unknownVariables(environment: Environment, known: readonly string[]): string[] {
  return Object.keys(environment).filter(
    name => name.startsWith(PREFIX) && !known.includes(name.slice(PREFIX.length)),
  );
}
