/** A way in which a program is started: which module system, and who sets tracing up. */
export interface Way {
  readonly name: string;
  readonly file: string;
  readonly execArgv: readonly string[];
}

/** The program without us: what it says is what the others must say. */
export const BARE: Way = { name: 'bare', file: 'program.cjs', execArgv: [] };

const REGISTER = ['--require', '@org/kafka-otel/register'];

export const WAYS: readonly Way[] = [
  { name: 'register, CommonJS', file: 'program.cjs', execArgv: REGISTER },
  { name: 'register, ESM', file: 'program.mjs', execArgv: REGISTER },
  { name: 'own SDK', file: 'program.cjs', execArgv: ['--require', './tracing.cjs'] },
];
