export const PREFIX = 'OTEL_INSTRUMENTATION_KAFKA_';

export type Environment = Readonly<Record<string, string | undefined>>;

/** OpenTelemetry's specification requires that an empty variable counts as unset. */
export function readVariable(environment: Environment, name: string): string | undefined {
  const value = environment[name]?.trim();
  return value === '' ? undefined : value;
}

/** Reads a variable that contains a comma-separated list. */
export function readList(environment: Environment, name: string): string[] {
  const items = readVariable(environment, name)?.split(',') ?? [];
  return items.map(item => item.trim()).filter(item => item !== '');
}

export function isSwitchedOff(client?: string, environment: Environment = process.env): boolean {
  const disabled = readList(environment, 'OTEL_NODE_DISABLED_INSTRUMENTATIONS');
  return (
    readVariable(environment, `${PREFIX}ENABLED`)?.toLowerCase() === 'false' ||
    disabled.includes('kafka') ||
    (client !== undefined && disabled.includes(client))
  );
}

/** Returns the variables with our prefix that are not in `known`. They are probably misspelt. */
export function unknownVariables(environment: Environment, known: readonly string[]): string[] {
  return Object.keys(environment).filter(
    name => name.startsWith(PREFIX) && !known.includes(name.slice(PREFIX.length)),
  );
}
