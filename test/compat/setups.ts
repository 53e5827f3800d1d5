/** How a program is started: its module system and its tracing setup. */
export interface Setup {
  readonly name: string;
  readonly file: string;
  readonly execArgv: readonly string[];
}

/** Without instrumentation: the reference for the output. */
export const BARE: Setup = { name: 'bare', file: 'program.cjs', execArgv: [] };

const REGISTER = ['--require', '@org/kafka-otel/register'];

export const SETUPS: readonly Setup[] = [
  { name: 'register, CommonJS', file: 'program.cjs', execArgv: REGISTER },
  { name: 'register, ESM', file: 'program.mjs', execArgv: REGISTER },
  { name: 'own SDK', file: 'program.cjs', execArgv: ['--require', './tracing.cjs'] },
];
