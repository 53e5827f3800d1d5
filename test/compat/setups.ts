/** How to start the program: as CommonJS or ES module, and with which tracing. */
export interface Setup {
  readonly name: string;
  readonly file: string;
  readonly execArgv: readonly string[];
}

/** No instrumentation. Its output is compared with the output of the other setups. */
export const BARE: Setup = { name: 'bare', file: 'program.cjs', execArgv: [] };

const REGISTER = ['--require', '@org/kafka-otel/register'];

export const SETUPS: readonly Setup[] = [
  { name: 'register, CommonJS', file: 'program.cjs', execArgv: REGISTER },
  { name: 'register, ESM', file: 'program.mjs', execArgv: REGISTER },
  { name: 'own SDK', file: 'program.cjs', execArgv: ['--require', './tracing.cjs'] },
];
