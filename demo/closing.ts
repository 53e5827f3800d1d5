type Close = () => Promise<void> | void;

/** What is to be undone at the end, the latest first, however the end comes. */
export class Closing {
  private readonly closes: Close[] = [];
  private running: Promise<void> | undefined;

  /** Something that starts only after the end has begun is closed at once. */
  add(close: Close): void {
    if (this.running) this.running = this.running.then(() => attempt(close));
    else this.closes.push(close);
  }

  /** Runs all of it once; what fails does not keep the rest from running. */
  run(): Promise<void> {
    this.running ??= this.closes.reduceRight(
      (before, close) => before.then(() => attempt(close)),
      Promise.resolve(),
    );
    return this.running;
  }
}

async function attempt(close: Close): Promise<void> {
  try {
    await close();
  } catch (error) {
    process.stderr.write(`Cleaning up: ${error instanceof Error ? error.message : String(error)}\n`);
  }
}
