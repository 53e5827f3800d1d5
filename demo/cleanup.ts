type Step = () => Promise<void> | void;

/** Clean-up steps that run at the end of the demo, the last added step first. */
export class Cleanup {
  private readonly steps: Step[] = [];
  private running: Promise<void> | undefined;

  /** Adds a step. A step that is added while the clean-up runs is run at the end. */
  add(step: Step): void {
    if (this.running) this.running = this.running.then(() => attempt(step));
    else this.steps.push(step);
  }

  /** Runs every step once. If a step fails, the others still run. */
  run(): Promise<void> {
    this.running ??= this.steps.reduceRight(
      (before, step) => before.then(() => attempt(step)),
      Promise.resolve(),
    );
    return this.running;
  }
}

async function attempt(step: Step): Promise<void> {
  try {
    await step();
  } catch (error) {
    process.stderr.write(`Clean-up step failed: ${error instanceof Error ? error.message : String(error)}\n`);
  }
}
