export function fail(error: unknown): never {
  console.error(error);
  process.exit(1);
}

/** Calls `stop` once, at the first signal. The process then exits when it has nothing left to do. */
export function onSignal(stop: () => Promise<void>): void {
  let stopping: Promise<void> | undefined;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      stopping ??= stop().catch(fail);
    });
  }
}
