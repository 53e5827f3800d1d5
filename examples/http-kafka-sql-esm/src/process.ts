export function fail(error: unknown): never {
  console.error(error);
  process.exit(1);
}

/** Runs `stop` once at the first signal; the process ends when nothing is left to do. */
export function onSignal(stop: () => Promise<void>): void {
  let stopping: Promise<void> | undefined;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      stopping ??= stop().catch(fail);
    });
  }
}
