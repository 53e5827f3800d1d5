/** What the environment asks of the zero-code entry. Pure, but for the claim on the process. */

import { readList, type Environment } from '../config/environment';

export type { Environment };

/** `attach`: only the instrumentation, for a program that starts an SDK itself. */
export type Mode = 'off' | 'attach' | 'start';

const CLAIM = Symbol.for('kafka-otel.register');

/** True for the first caller in this thread, whichever copy of the package asks and however often it is loaded. */
export function claimProcess(): boolean {
  if (Object.hasOwn(globalThis, CLAIM)) return false;
  Object.defineProperty(globalThis, CLAIM, { value: true });
  return true;
}

export function chooseMode(env: Environment): Mode {
  if (isTrue(env.OTEL_SDK_DISABLED)) return 'off';
  return env.OTEL_INSTRUMENTATION_KAFKA_REGISTER?.trim().toLowerCase() === 'attach' ? 'attach' : 'start';
}

/** What to tell about values that mean nothing; the defaults hold then. */
export function complaints(env: Environment): string[] {
  const allowed = {
    OTEL_INSTRUMENTATION_KAFKA_REGISTER: ['attach'],
    OTEL_INSTRUMENTATION_KAFKA_ESM_LOADER: ['true', 'false'],
  };
  return Object.entries(allowed).flatMap(([name, values]) => {
    const value = env[name]?.trim().toLowerCase() ?? '';
    return value === '' || values.includes(value)
      ? []
      : [`${name}="${value}" is ignored; allowed: ${values.join(', ')}`];
  });
}

/** The lists that `@opentelemetry/auto-instrumentations-node` reads, for the one instrumentation that is not part of it. */
export function wantsKafkaJs(env: Environment): boolean {
  const enabled = readList(env, 'OTEL_NODE_ENABLED_INSTRUMENTATIONS');
  const disabled = readList(env, 'OTEL_NODE_DISABLED_INSTRUMENTATIONS');
  return !disabled.includes('kafkajs') && (enabled.length === 0 || enabled.includes('kafkajs'));
}

/**
 * Not for `node -e` and the like: they hold no ES module as a rule, and Node 24's and 26's `-e` die of any synchronous load hook. Not
 * when the user brought a loader hook either: a second one would wrap every module twice.
 */
export function wantsEsmLoader(
  env: Environment,
  { argv, execArgv }: { readonly argv: readonly string[]; readonly execArgv: readonly string[] },
): boolean {
  if (env.OTEL_INSTRUMENTATION_KAFKA_ESM_LOADER?.trim().toLowerCase() === 'false') return false;
  if (argv[1] === undefined || execArgv.some(flag => /^(-e|-p|-pe|--eval|--print)(=|$)/.test(flag)))
    return false;
  const flags = [...execArgv, env.NODE_OPTIONS ?? ''].join(' ');
  return !/(import-in-the-middle|@opentelemetry\/instrumentation|kafka-otel)\/hook\.mjs/.test(flags);
}

const isTrue = (value: string | undefined): boolean => value?.trim().toLowerCase() === 'true';
