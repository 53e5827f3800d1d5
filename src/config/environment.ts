/** Prefix of this package's environment variables. */
export const PREFIX = 'OTEL_INSTRUMENTATION_KAFKA_';

export type Environment = Readonly<Record<string, string | undefined>>;

/** An empty variable counts as unset. OpenTelemetry's specification requires this. */
export function readVariable(environment: Environment, name: string): string | undefined {
  const value = environment[name]?.trim();
  return value === '' ? undefined : value;
}

/** The items of a variable that holds a comma-separated list. */
export function readList(environment: Environment, name: string): string[] {
  const items = readVariable(environment, name)?.split(',') ?? [];
  return items.map(item => item.trim()).filter(item => item !== '');
}

/**
 * True if an environment variable switches the client library off. These variables win over options in code.
 *
 * @param client - name of a client library. Without it, the result is true only if all libraries are switched off
 */
export function isSwitchedOff(client?: string, environment: Environment = process.env): boolean {
  const disabled = readList(environment, 'OTEL_NODE_DISABLED_INSTRUMENTATIONS');
  return (
    readVariable(environment, `${PREFIX}ENABLED`)?.toLowerCase() === 'false' ||
    disabled.includes('kafka') ||
    (client !== undefined && disabled.includes(client))
  );
}

/** Variables that start with our prefix but are not in `known`. They are probably misspelt. */
export function unknownVariables(environment: Environment, known: readonly string[]): string[] {
  return Object.keys(environment).filter(
    name => name.startsWith(PREFIX) && !known.includes(name.slice(PREFIX.length)),
  );
}
