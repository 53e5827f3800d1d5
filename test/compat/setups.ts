/** How to start the program: as a CommonJS or ES module, and with which tracing. */
export interface Setup {
  readonly name: string;
  readonly file: string;
  /** Files or packages to load before the program. */
  readonly preloads: readonly string[];
}

/** Without instrumentation. The other setups must have the same output. */
export const BARE: Setup = { name: 'bare', file: 'program.cjs', preloads: [] };

const REGISTER = ['@org/kafka-otel/register'];

export const SETUPS: readonly Setup[] = [
  { name: 'register, CommonJS', file: 'program.cjs', preloads: REGISTER },
  { name: 'register, ESM', file: 'program.mjs', preloads: REGISTER },
  { name: 'own SDK', file: 'program.cjs', preloads: ['./tracing.cjs'] },
];
